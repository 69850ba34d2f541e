import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { openEmbeddedMongo } from './embedded/embedded-mongo.ts'
import { openDatabase } from './models/database.ts'
import { whileIntact } from './models/intact-database.ts'
import { listen } from './operations/front-door.ts'
import type { Log } from './operations/log.ts'
import { repeat } from './operations/repeat.ts'
import { packageRoot } from './package-root.ts'
import { startSandbox, type Sandbox } from './sandbox/sandbox.ts'

/** A gateway that takes traffic. */
export interface Gateway {
  /** Where it listens, e.g. `http://127.0.0.1:4000`. */
  readonly url: string
  /** What stands around it when no merchant is configured. */
  readonly sandbox?: Pick<Sandbox, 'merchantKey' | 'operatorKey' | 'simulatorUrl'> & {
    readonly shopUrl: string
  }
  /** Answers what is under way, tells the watchers to come back, and stops everything that was started. */
  close(): Promise<void>
}

/** How often documents of processes of an earlier version are looked for, in milliseconds. */
const CATCH_UP_PAUSE_MS = 600_000

/** Undoes what was done, last first, each step once. */
function undoStack() {
  const steps: (() => Promise<unknown>)[] = []
  return {
    push: (step: () => Promise<unknown>): void => void steps.push(step),
    async run() {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step()
    },
  }
}

async function openStorage(config: Config, log: Log, onClose: (step: () => Promise<unknown>) => void) {
  const embedded =
    config.mongodbUri === null ? await openEmbeddedMongo({ dataDir: config.dataDir, log }) : undefined
  if (embedded !== undefined) onClose(() => embedded.close())
  const database = await openDatabase(config.mongodbUri ?? embedded?.uri ?? '', log)
  onClose(() => database.close())
  const upgrading = repeat(
    { name: 'upgrade of older documents', pauseMs: CATCH_UP_PAUSE_MS, log },
    (leaving) => database.catchUp(leaving),
  )
  onClose(() => upgrading.stop())
  return embedded === undefined ? database : whileIntact(database, embedded.isIntact)
}

/** Without the user and the password that an address may hold. */
function hostOf(address: string | null): string | null {
  return address === null ? null : new URL(address).host
}

function logProxy({ proxy }: Config, log: Log): void {
  if (proxy === null) return
  const fields = { https: hostOf(proxy.httpsProxy), http: hostOf(proxy.httpProxy) }
  log.info(fields, 'Calls to platforms go through a proxy.')
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function serve(
  config: Config,
  log: Log,
  undo: ReturnType<typeof undoStack>,
): Promise<Omit<Gateway, 'close'>> {
  const door = await listen(config)
  const url = urlOf(config.host, door.port)
  const database = await openStorage(config, log, undo.push)
  const sandbox = config.file === null ? await startSandbox(config, { port: door.port, url }) : undefined
  if (sandbox !== undefined) undo.push(() => sandbox.close())
  const { file, tokenSecrets, ...settings } = sandbox?.config ?? config
  if (file === null || tokenSecrets === null) throw new Error('There is neither a merchant nor a sandbox.')
  const app = await createApp({
    ...settings,
    ...file,
    tokenSecrets,
    publicUrl: config.publicUrl ?? url,
    pagesDir: join(packageRoot(), 'dist', 'pages'),
    sandbox: sandbox?.pages,
    database,
    log,
    now: () => new Date(),
  })
  door.open(app.attach)
  undo.push(async () => {
    app.leave()
    door.leave()
    await pause(config.shutdownPauseMs)
    // Watchers hold their connections open, so they are sent away while the door waits for the last one.
    await Promise.all([door.close(), app.drain()])
    await app.close()
  })
  if (sandbox === undefined) return { url }
  const { merchantKey, operatorKey, simulatorUrl } = sandbox
  return { url, sandbox: { merchantKey, operatorKey, simulatorUrl, shopUrl: await sandbox.openShop() } }
}

/** What can be meant, and seldom is. Nothing of it keeps a gateway from starting. */
export function doubtsAbout({ file, publicUrl, trustedProxies }: Config): readonly string[] {
  if (file === null) return []
  if (publicUrl === null)
    return [
      'PUBLIC_URL is not set: the platforms are told to call an address that only this machine can reach.',
    ]
  if (trustedProxies > 0 || !publicUrl.startsWith('https:')) return []
  return [
    'TRUSTED_PROXIES is 0 behind an https PUBLIC_URL: all payers share the bounds of the one proxy address.',
  ]
}

/**
 * Starts everything that a configuration asks for: database, gateway, and the sandbox when no merchant is configured.
 * @throws when a part cannot be started; what had been started is stopped again
 */
export async function startGateway(config: Config, log: Log): Promise<Gateway> {
  for (const doubt of doubtsAbout(config)) log.warn({}, doubt)
  logProxy(config, log)
  const undo = undoStack()
  try {
    return { ...(await serve(config, log, undo)), close: undo.run }
  } catch (error) {
    await undo.run()
    throw error
  }
}
