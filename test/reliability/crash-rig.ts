import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../../src/models/database.ts'
import { testMerchant, type TestMerchant } from '../support/merchant.ts'
import { openDatabasePatiently } from '../support/patient-database.ts'
import type { Kill, Victim } from './crash-plan.ts'
import { spawnGateway, type GatewayChild } from './gateway-child.ts'
import type { PlatformChild } from './platform-child.ts'
import { gatewayEnv, openPlatform, ROOT } from './surroundings.ts'

/** The processes of one run, and the ways to kill and heal them. */
export interface CrashRig {
  readonly gatewayUrl: string
  readonly merchant: TestMerchant
  readonly platform: PlatformChild
  /** Reads what lies on disk, past every gateway. */
  readonly database: Database
  /** Kills the gateway and its database, and starts both again. */
  powerCycle(checkLadderSeconds: Ladder): Promise<void>
  /** Does this the next time that the gateway comes to its place; `meanwhile` happens while it stands there. */
  arm(kill: Kill, meanwhile?: () => Promise<void>): Promise<void>
  /** True when no kill is waiting for its place. */
  hasStruck(): boolean
  /** How many kills have struck so far. */
  strikes(): number
  /** Gives the gateway a moment to come to the place: what it did before may be seen sooner. */
  awaitStrike(): Promise<void>
  /** Tries until there is an answer; kills and heals whenever the gateway stops at its place. */
  persist<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T>
  close(): Promise<void>
}

/** See `Config.checkLadderSeconds`. */
export type Ladder = readonly [number, ...number[]]

const PATIENCE_MS = 120_000
const STRIKE_PATIENCE_MS = 10_000
const POLL_MS = 20

/** The gateway that serves, and one that has loaded its code and waits to take its place. */
function gatewayPair(env: Readonly<Record<string, string>>) {
  let spare = spawnGateway(ROOT, env)
  let current: GatewayChild = spare
  return {
    current: () => current,
    async replace(checkLadderSeconds: Ladder): Promise<void> {
      current = spare
      spare = spawnGateway(ROOT, env)
      await current.start(checkLadderSeconds)
    },
    async close(): Promise<void> {
      await Promise.all([current.kill(), spare.kill()])
    },
  }
}

/** False when there is none at this moment, because the last one was killed just now. */
function killDatabase(gateway: GatewayChild): boolean {
  const pid = gateway.databasePid()
  gateway.forgetDatabase()
  return pid !== undefined && process.kill(pid, 'SIGKILL')
}

/** Starts a platform and a gateway with an embedded database, in a folder of their own. */
export async function openCrashRig(firstLadder: Ladder): Promise<CrashRig> {
  const folder = await mkdtemp(join(tmpdir(), 'paybell-crash-'))
  const merchant = testMerchant('acme', '1900000109')
  const platform = await openPlatform(folder, merchant)
  const env = await gatewayEnv(folder, merchant, platform)
  const gateways = gatewayPair(env)
  let ladder = firstLadder
  await gateways.replace(ladder)
  const uri = await readFile(join(env.DATA_DIR, 'mongodb.uri'), 'utf8')
  const database = await openDatabasePatiently(uri.trim())
  let armed: Kill | undefined
  let beforeStrike: (() => Promise<void>) | undefined
  let struck = 0

  const strikes: Readonly<Record<Victim, () => Promise<void>>> = {
    async gateway() {
      await gateways.current().kill()
      await gateways.replace(ladder)
    },
    async database() {
      if (killDatabase(gateways.current())) gateways.current().resume()
      else await strikes.gateway()
    },
    async both() {
      killDatabase(gateways.current())
      await gateways.current().kill()
      await gateways.replace(ladder)
    },
    async platform() {
      await platform.kill()
      gateways.current().resume()
      await platform.restart()
    },
  }
  async function strike(): Promise<void> {
    const victim = armed?.victim ?? 'gateway'
    const meanwhile = beforeStrike
    armed = undefined
    beforeStrike = undefined
    struck += 1
    await meanwhile?.()
    await strikes[victim]()
  }

  return {
    gatewayUrl: `http://127.0.0.1:${env.PORT}`,
    merchant,
    platform,
    database,
    hasStruck: () => armed === undefined,
    strikes: () => struck,
    async awaitStrike() {
      if (armed === undefined) return
      const patience = delay(STRIKE_PATIENCE_MS, 'in vain' as const, { ref: false })
      if ((await Promise.race([gateways.current().stopped(), patience])) === 'stopped') await strike()
    },
    async arm(kill, meanwhile) {
      armed = kill
      beforeStrike = meanwhile
      await gateways.current().arm(kill.point)
    },
    async powerCycle(next) {
      ladder = next
      armed = undefined
      beforeStrike = undefined
      await strikes.both()
    },
    async persist(what, attempt) {
      const deadline = performance.now() + PATIENCE_MS
      while (performance.now() < deadline) {
        const trying = attempt().catch(() => undefined)
        const outcome = await Promise.race([trying, gateways.current().stopped()])
        if (outcome === 'stopped') await strike()
        else if (outcome !== undefined) return outcome
        await delay(POLL_MS)
      }
      throw new Error(`After ${PATIENCE_MS / 1000} s still waiting for: ${what}.`)
    },
    async close() {
      await database.close()
      await gateways.close()
      await platform.kill()
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
    },
  }
}
