import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Database } from '../../src/models/database.ts'
import { openBalancer, type Balancer } from '../support/balancer.ts'
import { freePort } from '../support/free-port.ts'
import { testMerchant, type TestMerchant } from '../support/merchant.ts'
import { openDatabasePatiently } from '../support/patient-database.ts'
import { watchReadiness, type Readiness } from '../support/readiness.ts'
import { startRedis, type RedisProcess } from '../support/redis.ts'
import type { PlatformChild } from './platform-child.ts'
import { servedGateway, type ServedGateway } from './served-gateway.ts'
import { gatewayEnv, openPlatform, ROOT } from './surroundings.ts'

/** Two gateway processes on one embedded database with Redis between them, a platform, and the ways there. */
export interface ChaosRig {
  readonly merchant: TestMerchant
  readonly platform: PlatformChild
  readonly redis: RedisProcess
  readonly gateways: readonly [ServedGateway, ServedGateway]
  readonly readiness: Readiness
  /** The way to whichever gateway is ready; the platform and the merchant take it. */
  readonly balancer: Balancer
  /** A way to each gateway, then the balancer for pages: what is cut here disturbs watchers only. */
  readonly doors: readonly [Balancer, Balancer, Balancer]
  /** Reads what is stored, past every gateway. */
  readonly database: Database
  /** `kill -9` of the database process, when there is one at this moment. */
  killDatabase(): Promise<void>
  close(): Promise<void>
}

/** How it shall be. */
export interface ChaosRigParts {
  /** Asked for each piece of what a gateway says to a watcher; true tears it and the connection. */
  readonly isTorn?: () => boolean
  /** How long the platform waits for the answer to a notification, in seconds; 5, as always, when absent. */
  readonly answerSeconds?: number
}

/** Builds what has changed: gateways as they are shipped start twice as fast as from their source. */
async function buildAll(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.mjs')])
}

/** The database process says in its log who it is. */
async function databasePid(dataDir: string): Promise<number | undefined> {
  const log = await readFile(join(dataDir, 'mongodb.log'), 'utf8')
  const pids = [...log.matchAll(/^\S+Z (\d+) serving /gm)].map(([, pid]) => Number(pid))
  return pids.at(-1)
}

async function openDoors(
  [first, second]: ChaosRig['gateways'],
  readiness: Readiness,
  isTorn: ChaosRigParts['isTorn'],
): Promise<ChaosRig['doors']> {
  const open = (backends: () => readonly number[]): Promise<Balancer> =>
    openBalancer({ backends, ...(isTorn && { isTorn }) })
  return Promise.all([open(() => [first.port]), open(() => [second.port]), open(readiness.inOrder)])
}

/** What is to be undone, last first. */
function undoing() {
  const steps: (() => unknown)[] = []
  return {
    later: (step: () => unknown): void => void steps.push(step),
    async now(): Promise<void> {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step()
    },
  }
}

async function build(
  parts: ChaosRigParts,
  { later }: Pick<ReturnType<typeof undoing>, 'later'>,
): Promise<Omit<ChaosRig, 'close'>> {
  await buildAll()
  const folder = await mkdtemp(join(tmpdir(), 'paybell-chaos-'))
  later(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }))
  const merchant = testMerchant('acme', '1900000109')
  const platform = await openPlatform(folder, merchant, parts.answerSeconds)
  later(platform.kill)
  const redis = await startRedis()
  later(redis.kill)
  const ports = [await freePort(), await freePort()] as const
  const readiness = watchReadiness(ports)
  later(readiness.stop)
  const balancer = await openBalancer({ backends: readiness.inOrder })
  later(balancer.close)
  const env = {
    ...(await gatewayEnv(folder, merchant, platform)),
    REDIS_URL: redis.url,
    PUBLIC_URL: balancer.url,
    CHECK_LADDER_SECONDS: '2,5',
  }
  const gateways = [servedGateway(ports[0], env), servedGateway(ports[1], env)] as const
  for (const gateway of gateways) later(gateway.kill)
  await Promise.all(gateways.map((gateway) => gateway.start()))
  const doors = await openDoors(gateways, readiness, parts.isTorn)
  for (const door of doors) later(door.close)
  const uri = await readFile(join(env.DATA_DIR, 'mongodb.uri'), 'utf8')
  const database = await openDatabasePatiently(uri.trim())
  later(database.close)
  return {
    merchant,
    platform,
    redis,
    gateways,
    readiness,
    balancer,
    doors,
    database,
    async killDatabase() {
      const pid = await databasePid(env.DATA_DIR)
      try {
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      } catch {
        // It was dead already, and nobody has started it again yet.
      }
    },
  }
}

/** Starts everything in a folder of its own. */
export async function openChaosRig(parts: ChaosRigParts = {}): Promise<ChaosRig> {
  const undo = undoing()
  try {
    return { ...(await build(parts, undo)), close: undo.now }
  } catch (error) {
    await undo.now()
    throw error
  }
}
