import { existsSync, readFileSync } from 'node:fs'
import { loadConfig, type Config } from './config.ts'
import type { Explanation } from './domain/explanation.ts'
import { openEmbeddedMongo } from './embedded/embedded-mongo.ts'
import { openDatabase, type Database } from './models/database.ts'
import { explainEntry } from './notify/explain-entry.ts'
import { readCapturedRequest, type CapturedRequest } from './notify/captured-request.ts'
import { createLog } from './operations/log.ts'
import { connectPlatforms, type Platforms } from './platforms/connect.ts'
import type { NotificationReading } from './platforms/platform.ts'
import { sandboxConfig } from './sandbox/sandbox-config.ts'

const USAGE = `Usage: npm run explain -- <id or file>

Says in one sentence, in English and Chinese, why a notification was refused or what it did.
  id    of a stored notification: ntf_… or rej_…
  file  a saved request: JSON { "headers": …, "body": "…", "receivedAt"?: "…" }, or header lines, an empty line, the body`

const EXPLAINED = {
  readable: (eventType: string): Explanation => ({
    en: `The signature is good and the content could be read: ${eventType}.`,
    zh: `验签通过，内容可读：${eventType}。`,
  }),
  otherPayee: (mismatch: string): Explanation => ({
    en: `The signature is good, and the payment is never believed: ${mismatch}`,
    zh: `验签通过，但收款方与该商户的配置不符，不会视为已支付：${mismatch}`,
  }),
} as const

function print({ en, zh }: Explanation): void {
  process.stdout.write(`${en}\n${zh}\n`)
}

async function withDatabase<T>(config: Config, use: (database: Database) => Promise<T>): Promise<T> {
  const log = createLog('error')
  const embedded =
    config.mongodbUri === null ? await openEmbeddedMongo({ dataDir: config.dataDir, log }) : undefined
  const database = await openDatabase(config.mongodbUri ?? embedded?.uri ?? '')
  try {
    return await use(database)
  } finally {
    await database.close()
    await embedded?.close()
  }
}

async function explainStored(config: Config, id: string): Promise<void> {
  const found = await withDatabase(
    config,
    async ({ inbox, rejections }) => (await inbox.byId(id)) ?? (await rejections.byId(id)),
  )
  if (found === undefined) throw new Error(`There is no notification ${id}.`)
  print('outcome' in found ? explainEntry(found) : found.explanation)
}

/** When it was received; else the moment that its own timestamp names, so that its age is not held against it. */
function momentOf({ raw, receivedAt }: CapturedRequest): Date {
  const [, timestamp] = raw.headers.find(([name]) => name.toLowerCase() === 'wechatpay-timestamp') ?? []
  const seconds = Number(timestamp)
  return receivedAt ?? (Number.isSafeInteger(seconds) ? new Date(seconds * 1000) : new Date())
}

async function explainFile(
  merchantIds: readonly string[],
  platforms: Platforms,
  path: string,
): Promise<void> {
  const captured = readCapturedRequest(readFileSync(path))
  for (const merchantId of merchantIds) {
    const reading = await platforms
      .of(merchantId, 'WECHATPAY')
      ?.readNotification(captured.raw, { at: momentOf(captured) })
    if (reading === undefined) continue
    process.stdout.write(`${merchantId}: ${reading.verdict}\n`)
    print(explanationOf(reading))
  }
}

function explanationOf(reading: NotificationReading): Explanation {
  if ('explain' in reading) return reading.explain()
  if (reading.verdict !== 'VERIFIED') return reading.explanation
  if (reading.fact === null) return reading.notHandled
  const { payeeMismatch } = reading.fact
  if (payeeMismatch !== null) return EXPLAINED.otherPayee(payeeMismatch)
  return EXPLAINED.readable(reading.eventType)
}

async function main(target: string | undefined): Promise<void> {
  if (target === undefined) throw new Error(USAGE)
  const config = sandboxConfig(loadConfig())
  if (/^(?:ntf|rej)_/.test(target)) return explainStored(config, target)
  if (!existsSync(target)) throw new Error(`${target} is neither the id of a notification nor a file.`)
  const merchants = config.file?.merchants ?? []
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`
  const log = createLog('error')
  const platforms = connectPlatforms({
    merchants,
    publicUrl,
    log,
    proxy: config.proxy,
    now: () => new Date(),
  })
  try {
    await explainFile(
      merchants.map(({ id }) => id),
      platforms,
      target,
    )
  } finally {
    platforms.close()
  }
}

try {
  await main(process.argv[2])
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
