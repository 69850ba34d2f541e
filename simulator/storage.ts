import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { orderSchema } from './order.ts'
import { notificationSchema } from './notification.ts'
import { storedKeysSchema } from './platform-keys.ts'
import type { StoredKeys } from './platform-keys.ts'

const stateSchema = z.object({
  orders: z.array(orderSchema).readonly(),
  notifications: z.array(notificationSchema).readonly(),
})
/** Everything that changes while the simulator runs. */
export type State = Readonly<z.infer<typeof stateSchema>>

/** What was kept, and the way to keep more. */
export type Storage = {
  readonly keys: StoredKeys
  readonly initial: State
  /** Resolves once what `snapshot` says, or something newer, is on disk. */
  readonly save: (snapshot: () => State) => Promise<void>
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${path} was not written by this simulator; move it away to start afresh`, { cause })
  }
}

/** Replaces a file in one step, readable by its owner only: a reader sees the old text or the new, never half. */
export async function writePrivately(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

/** One write at a time; whoever asks meanwhile shares the next one. */
function createWriter(path: string): Storage['save'] {
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return (snapshot) => {
    next ??= current
      .catch(() => {})
      .then(() => {
        next = undefined
        current = writePrivately(path, JSON.stringify(snapshot()))
        return current
      })
    return next
  }
}

/**
 * Opens the folder in which a simulator keeps its keys and state. Without a folder nothing outlives the process.
 * @throws {Error} when the folder holds something else
 */
export async function openStorage(
  dataDir: string | undefined,
  makeKeys: () => Promise<StoredKeys>,
): Promise<Storage> {
  const empty = { orders: [], notifications: [] }
  if (dataDir === undefined) {
    return { keys: await makeKeys(), initial: empty, save: () => Promise.resolve() }
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const keysPath = join(dataDir, 'platform-keys.json')
  const statePath = join(dataDir, 'state.json')
  const initial = (await readJson(statePath, stateSchema)) ?? empty
  const kept = await readJson(keysPath, storedKeysSchema)
  const keys = kept ?? (await makeKeys())
  if (!kept) await writePrivately(keysPath, JSON.stringify(keys))
  return { keys, initial, save: createWriter(statePath) }
}
