import { createHash, createPublicKey, randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { makePlatformKeys } from '../../../simulator/platform-keys.ts'
import { createSimulator, type Simulator } from '../../../simulator/simulator.ts'
import { createApp, type AppParts } from '../../../src/app.ts'
import type { Order } from '../../../src/domain/order.ts'
import type { StoredNotification } from '../../../src/models/notification.ts'
import { applyPending } from '../../../src/notify/round.ts'
import { listen } from '../../../src/operations/front-door.ts'
import type { StartedPayment } from '../../../src/orders/ports.ts'
import { createQuestions } from '../../../src/orders/questions.ts'
import { MAX_PAYERS } from '../../../src/orders/reserve-number.ts'
import { createLeftOutLines } from '../../../src/orders/left-out-lines.ts'
import { createStarts } from '../../../src/orders/starts.ts'
import { sweep } from '../../../src/orders/sweep.ts'
import { connectPlatforms } from '../../../src/platforms/connect.ts'
import { silentLog } from '../../support/gateway.ts'
import { testMerchant, type TestMerchant } from '../../support/merchant.ts'
import { openDatabasePatiently } from '../../support/patient-database.ts'
import { createLife, mortalDatabase, type Life } from './mortal.ts'
import { openRelay, type Relay } from './relay.ts'

/** The real things that the model is compared with: gateway, database, platform, and time, which stands still by itself. */
export interface World {
  readonly merchant: TestMerchant
  readonly simulator: Simulator
  readonly relay: Relay
  /** Where the living gateway listens. */
  gatewayUrl(): string
  now(): Date
  /** Moves the one clock of gateway and platform. */
  advance(milliseconds: number): void
  /** Looks after everything that nobody calls for, as a round of the gateway does. */
  round(): Promise<void>
  /** Runs `work` with a gateway that dies when it calls the database once more than so often. */
  withLife<T>(calls: number, work: () => Promise<T>): Promise<T | 'died'>
  /** `kill -9` of an idle gateway, and a new one. */
  crash(): Promise<void>
  /** What lies in the database, past every gateway. */
  stored(outTradeNo: string): Promise<Order | undefined>
  /** Whether the order is due for a query now, past every gateway. */
  isDue(outTradeNo: string): Promise<boolean>
  /** Starts the gateway again under another public URL. */
  move(): Promise<void>
  notificationsOf(orderId: string): Promise<readonly StoredNotification[]>
  /** Forgets all orders, so that no run sees those of another. */
  reset(): Promise<void>
  close(): Promise<void>
}

/** Due again after any pause: a round asks about every order that can still change. */
const LADDER_SECONDS = [1] as const

interface Living {
  readonly url: string
  readonly life: Life
  readonly round: () => Promise<void>
  close(): Promise<void>
}

/** A gateway in this process that does nothing by itself, and dies without a word. */
async function bringToLife(parts: AppParts): Promise<Living> {
  const door = await listen({ host: '127.0.0.1', port: 0 })
  let server: Server | undefined
  const life = createLife(() => server?.closeAllConnections())
  const database = mortalDatabase(parts.database, life)
  const { orders, inbox, ...others } = database.notifications
  const idle = {
    ...database,
    notifications: {
      ...others,
      orders: { ...orders, due: async () => [] },
      inbox: { ...inbox, pending: async () => [], unreported: async () => [] },
    },
  }
  const app = await createApp({ ...parts, database: idle })
  const platforms = connectPlatforms(parts)
  door.open((opened) => {
    server = opened
    app.attach(opened)
  })
  const ports = {
    ...database,
    ...database.notifications,
    merchants: parts.merchants.map(({ id }) => id),
    platformOf: platforms.of,
    readiness: platforms.readiness,
    announce: () => undefined,
    orderAppeared: async (order: Order) => order,
    ladder: [LADDER_SECONDS[0] * 1000] as const,
    closedSchedule: parts.closedPollScheduleSeconds.map((seconds) => seconds * 1000),
    starts: createStarts<StartedPayment>({ most: MAX_PAYERS, now: parts.now }),
    questions: createQuestions({ perSecond: parts.queryBudgetPerSecond, now: parts.now }),
    leftOutLines: createLeftOutLines(parts.log),
    log: parts.log,
    now: parts.now,
  }
  return {
    url: `http://127.0.0.1:${door.port}`,
    life,
    async round() {
      await applyPending(ports, ports.log)
      await sweep(ports)
    },
    async close() {
      life.end()
      platforms.close()
      await Promise.all([door.close(), app.close()])
    },
  }
}

function standingClock() {
  let time = Math.floor(Date.now() / 1000) * 1000
  return { now: () => new Date(time), advance: (milliseconds: number) => void (time += milliseconds) }
}

function merchantAt({ atGateway }: TestMerchant, { url, platformKey }: Simulator) {
  const publicKey = createPublicKey(platformKey.publicKeyPem)
  const platformKeys = [{ id: platformKey.id, publicKey }]
  return { ...atGateway, wechatpay: { ...atGateway.wechatpay, apiBaseUrl: url, platformKeys } }
}

async function openPlatform(merchant: TestMerchant, now: () => Date): Promise<Simulator> {
  return createSimulator({
    merchants: [merchant.atPlatform],
    platformKeys: await makePlatformKeys(now()),
    // It tries once by itself; when it tries again is the model's choice.
    notifyTimeFactor: 1000,
    now,
  })
}

async function openStores(databaseUri: string) {
  const database = await openDatabasePatiently(databaseUri)
  const connection = await mongoose.createConnection(databaseUri).asPromise()
  const stored = connection.getClient().db()
  const collections = ['orders', 'notifications'].map((name) => stored.collection(name))
  return {
    database,
    async isDue(outTradeNo: string, now: Date) {
      const due = { outTradeNo, nextCheckAt: { $lte: now, $type: 'date' as const } }
      return (await stored.collection('orders').countDocuments(due)) > 0
    },
    async reset() {
      await Promise.all(collections.map((collection) => collection.deleteMany({})))
    },
    async close() {
      await Promise.all([database.close(), connection.close()])
    },
  }
}

/** Opens the world on an empty database. One is enough for any number of runs. */
export async function openWorld(databaseUri: string): Promise<World> {
  const merchant = testMerchant('acme', '1900000109')
  const { now, advance } = standingClock()
  const simulator = await openPlatform(merchant, now)
  const stores = await openStores(databaseUri)
  const relay: Relay = await openRelay(() => living.url)
  const parts: AppParts = {
    merchants: [merchantAt(merchant, simulator)],
    operators: [],
    tokenSecrets: [createHash('sha256').update(randomBytes(32)).digest()],
    tokenGraceSeconds: 86_400,
    checkLadderSeconds: LADDER_SECONDS,
    closedPollScheduleSeconds: [600, 3600, 86_400],
    queryBudgetPerSecond: 1000,
    roundPauses: { orders: 86_400_000, inbox: 86_400_000 },
    publicUrl: relay.url,
    pagesDir: join(import.meta.dirname, '../../../dist/pages'),
    sandbox: undefined,
    database: stores.database,
    log: silentLog,
    now,
  }
  let living = await bringToLife(parts)
  let publicUrl = relay.url
  let moves = 0
  async function crash(): Promise<void> {
    await living.close()
    living = await bringToLife({ ...parts, publicUrl })
  }
  return {
    merchant,
    simulator,
    relay,
    now,
    advance,
    crash,
    gatewayUrl: () => living.url,
    round: () => living.round(),
    async withLife(calls, work) {
      const { life } = living
      life.allow(calls)
      const outcome = await work().catch((error: unknown) => {
        if (!life.isOver()) throw error
        return 'died' as const
      })
      life.allow(Infinity)
      if (!life.isOver()) return outcome
      await crash()
      return 'died'
    },
    stored: async (outTradeNo) => (await stores.database.orders.withOutTradeNo(outTradeNo))[0],
    notificationsOf: async (orderId) => (await stores.database.inbox.list({ orderId }, { first: 100 })).rows,
    isDue: (outTradeNo) => stores.isDue(outTradeNo, now()),
    move: () => {
      moves += 1
      publicUrl = `${relay.url}/moved-${moves}`
      return crash()
    },
    reset: stores.reset,
    async close() {
      await living.close()
      await Promise.all([simulator.close(), relay.close()])
      await stores.close()
    },
  }
}
