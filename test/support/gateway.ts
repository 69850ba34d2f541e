import { createHash, createPublicKey, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { makePlatformKeys } from '../../simulator/platform-keys.ts'
import { createSimulator, type Simulator } from '../../simulator/simulator.ts'
import { createApp, type AppParts } from '../../src/app.ts'
import { listen } from '../../src/operations/front-door.ts'
import type { ServerLimits } from '../../src/operations/server-limits.ts'
import type { Log } from '../../src/operations/log.ts'
import { databaseAt, freshDatabaseUri } from './database.ts'
import { testMerchant, type TestMerchant } from './merchant.ts'

/** Silent, so that what a test provokes does not hide what it says. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** A whole gateway on a port of its own, with a simulated platform and two merchants. */
export interface TestGateway {
  readonly url: string
  readonly simulator: Simulator
  readonly merchant: TestMerchant
  readonly otherMerchant: TestMerchant
  readonly operatorKey: string
  readonly parts: AppParts
  /** Where it keeps everything; another gateway may be opened on it. */
  readonly databaseUri: string
  /** Moves the gateway's clock (not the platform's) by so many milliseconds. */
  advance(milliseconds: number): void
  /** Moves both clocks. */
  advanceAll(milliseconds: number): void
  /** What a signal to stop does at first: the balancer is told. */
  leave(): void
  /** What it does then, until everything is closed. */
  stop(): Promise<void>
  /** Opens a simulator with the same keys at the address of the one that was closed. It has forgotten everything. */
  reopenPlatform(): Promise<Simulator>
}

/** What differs from the usual gateway. */
export interface GatewayChanges extends Partial<AppParts> {
  readonly databaseUri?: string
  /** Any free one when absent. */
  readonly port?: number
  /** That of the platform; any free one when absent. One that is to be reopened needs a port that stays free. */
  readonly platformPort?: number
  /** What differs from the usual limits of the listening server. */
  readonly serverLimits?: Partial<ServerLimits>
}

// Made once for each test process, like the merchants' keys.
const simulatorKeys = makePlatformKeys(new Date())

function testClock() {
  let ahead = 0
  return { now: () => new Date(Date.now() + ahead), advance: (ms: number) => void (ahead += ms) }
}

async function openSimulator(merchants: readonly TestMerchant[], now: () => Date, port = 0) {
  const simulator = await createSimulator({
    merchants: merchants.map(({ atPlatform }) => atPlatform),
    platformKeys: await simulatorKeys,
    notifyTimeFactor: 0.001,
    port,
    now,
  })
  onTestFinished(() => simulator.close())
  return simulator
}

function merchantsFor({ url, platformKey }: Simulator, merchants: readonly TestMerchant[]) {
  const simulatorKey = { id: platformKey.id, publicKey: createPublicKey(platformKey.publicKeyPem) }
  return merchants.map(({ atGateway, platformKey: { id, publicKey } }) => ({
    ...atGateway,
    wechatpay: {
      ...atGateway.wechatpay,
      apiBaseUrl: url,
      platformKeys: [simulatorKey, { id, publicKey }],
    },
  }))
}

async function serve(
  parts: Omit<AppParts, 'publicUrl'>,
  { port, serverLimits }: Required<Pick<GatewayChanges, 'port' | 'serverLimits'>>,
) {
  const { trustedProxies = 0, streamLimits = {} } = parts
  const door = await listen({ host: '127.0.0.1', port, trustedProxies, streamLimits, serverLimits })
  const url = `http://127.0.0.1:${door.port}`
  const app = await createApp({ publicUrl: url, ...parts })
  door.open(app.attach)
  let stopping: Promise<void> | undefined
  function leave(): void {
    app.leave()
    door.leave()
  }
  async function stopOnce(): Promise<void> {
    leave()
    await Promise.all([door.close(), app.drain()])
    await app.close()
  }
  const stop = (): Promise<void> => (stopping ??= stopOnce())
  onTestFinished(stop)
  return { url, leave, stop }
}

/** Opens a gateway; everything is closed after the test. */
export async function openGateway(changes: GatewayChanges = {}): Promise<TestGateway> {
  const { platformPort = 0, port = 0, serverLimits = {}, ...others } = changes
  const { databaseUri = freshDatabaseUri(), ...changedParts } = others
  const merchant = testMerchant('acme', '1900000109')
  const otherMerchant = testMerchant('brew', '1900000999')
  const both = [merchant, otherMerchant]
  const clock = testClock()
  const platformClock = testClock()
  const simulator = await openSimulator(both, platformClock.now, platformPort)
  const operatorKey = `operator_${randomBytes(8).toString('hex')}`
  const parts: Omit<AppParts, 'publicUrl'> = {
    merchants: merchantsFor(simulator, both),
    operators: [{ name: 'ops', sha256: createHash('sha256').update(operatorKey).digest('hex') }],
    tokenSecrets: [randomBytes(32)],
    tokenGraceSeconds: 3600,
    checkLadderSeconds: [30, 60, 180, 600],
    closedPollScheduleSeconds: [600, 3600, 86_400],
    queryBudgetPerSecond: 1000,
    // A test that wants rounds asks for them: none shall happen by surprise.
    roundPauses: { orders: 3_600_000, inbox: 3_600_000 },
    pagesDir: join(import.meta.dirname, '../../dist/pages'),
    database: changes.database ?? (await databaseAt(databaseUri)),
    log: silentLog,
    now: clock.now,
    ...changedParts,
  }
  const { url, leave, stop } = await serve(parts, { port, serverLimits })
  return {
    url,
    leave,
    stop,
    simulator,
    merchant,
    otherMerchant,
    operatorKey,
    parts: { publicUrl: url, ...parts },
    databaseUri,
    advance: clock.advance,
    advanceAll(milliseconds) {
      clock.advance(milliseconds)
      platformClock.advance(milliseconds)
    },
    reopenPlatform: () => openSimulator(both, platformClock.now, Number(new URL(simulator.url).port)),
  }
}
