import { join } from 'node:path'
import Koa from 'koa'
import { createApiFaults } from './api-faults.ts'
import { createCashier } from './cashier.ts'
import type { Certificate } from './certificate.ts'
import { createChanges } from './changes.ts'
import type { Listener } from './changes.ts'
import { mountClientApi } from './client-api.ts'
import type { Clock } from './clock.ts'
import { createDeliver } from './deliver.ts'
import { readFault } from './fault-kinds.ts'
import type { NewFault } from './fault-kinds.ts'
import { createFaults } from './faults.ts'
import type { ActiveFault, Faults } from './faults.ts'
import { createLedger } from './ledger.ts'
import type { PaymentTerms } from './ledger.ts'
import type { OrderRef } from './order.ts'
import { silentLog } from './log.ts'
import type { Log } from './log.ts'
import { admitMerchants } from './merchants.ts'
import type { MerchantOptions } from './merchants.ts'
import type { Attempt } from './notification.ts'
import { createNotifier } from './notifier.ts'
import { createOtherSystem } from './other-system.ts'
import type { PrepayElsewhere } from './other-system.ts'
import { builtPages, pages, readIfPresent } from './pages.ts'
import { createPayOrder } from './payments.ts'
import type { Payment } from './payments.ts'
import { mountPlatformApi } from './platform-api.ts'
import { makePlatformKeys, readPlatformKeys } from './platform-keys.ts'
import type { SigningMode, StoredKeys } from './platform-keys.ts'
import { findPrecedents } from './precedents.ts'
import { mountSandboxApi, otherSystemPath } from './sandbox-api.ts'
import { serve } from './serve.ts'
import { openStorage } from './storage.ts'
import { viewNotification, viewOrder, viewState } from './view.ts'
import type { NotificationView, OrderView } from './view.ts'

/** How to run a simulator; only the merchants must be told. */
export type SimulatorOptions = {
  readonly merchants: readonly MerchantOptions[]
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Where its page is reached besides the host that it listens on, e.g. through a proxy. */
  readonly publicUrl?: string | undefined
  /** Which kind of key signs unless a caller names another. Default `public-key`. */
  readonly signWith?: SigningMode
  /** Scales the waits before a notification is sent again; 1, the default, is the platform's own schedule. */
  readonly notifyTimeFactor?: number
  /** How long the answer to a notification is waited for, in seconds; 5, the default, is the platform's own patience. */
  readonly answerSeconds?: number
  /** A folder that keeps keys, orders and notifications over restarts; without it they live in memory. */
  readonly dataDir?: string | undefined
  /** Keys from `makePlatformKeys`, to save making them; keys that `dataDir` holds already go before. */
  readonly platformKeys?: StoredKeys | undefined
  readonly now?: Clock
  readonly log?: Log
}

/** A running stand-in for the WeChat Pay platform. */
export type Simulator = {
  /** Base of the platform API, of the client API, and of the page. No slash at the end. */
  readonly url: string
  /** What a merchant downloads as `pub_key.pem`, and the id beside it. */
  readonly platformKey: { readonly id: string; readonly publicKeyPem: string }
  readonly certificate: Certificate
  readonly orders: () => readonly OrderView[]
  readonly notifications: () => readonly NotificationView[]
  /** Pays as the payer would. @throws {ApiError} ORDER_NOT_EXIST, ORDERPAID, ORDER_CLOSED or INVALID_REQUEST */
  readonly pay: (order: OrderRef, terms?: PaymentTerms) => Promise<Payment>
  /** Opens an order as another system of the merchant does. @throws {ApiError} as a prepay call */
  readonly prepayElsewhere: (request: PrepayElsewhere) => Promise<OrderView>
  /** Makes the platform forget an order; its notifications stay. @throws {ApiError} ORDER_NOT_EXIST */
  readonly forget: (order: OrderRef) => Promise<void>
  /** Sends a notification once more, now. @throws {ApiError} RESOURCE_NOT_EXISTS */
  readonly redeliver: (notificationId: string) => Promise<Attempt>
  /** What shall go wrong, besides what does by itself. */
  readonly faults: {
    /** @throws {ApiError} PARAM_ERROR */
    readonly add: (fault: NewFault) => ActiveFault
    /** Those that wait for a victim or hold one back, oldest first. */
    readonly list: () => readonly ActiveFault[]
    /** Takes one away; what it holds back goes at once. @throws {ApiError} RESOURCE_NOT_EXISTS */
    readonly remove: (id: string) => void
    readonly clear: () => void
  }
  /** Calls back after each change of an order, a notification or a fault; returns what ends that. */
  readonly onChange: (listener: Listener) => () => void
  /** Stops serving and sending. With a `dataDir`, another simulator may go on from here. */
  readonly close: () => Promise<void>
}

function createKoa(log: Log): Koa {
  const koa = new Koa()
  koa.silent = true
  koa.on('error', (err: unknown) => {
    // A closed page ends its event stream, and a client may disconnect or violate HTTP: these are not errors of ours.
    const code = err instanceof Error && 'code' in err ? String(err.code) : ''
    if (!/^(ERR_STREAM_PREMATURE_CLOSE|ECONNRESET|EPIPE|HPE_.*)$/.test(code))
      log.warn({ err }, 'an answer could not be sent')
  })
  return koa
}

const controlOf = ({ add, list, remove, clear }: Faults): Simulator['faults'] => ({
  add: (fault) => add(readFault(fault)),
  list,
  remove,
  clear,
})

/**
 * Starts a simulator and resolves once it listens.
 * @throws {Error} when a merchant's key is wrong, the data folder is not ours, or the port cannot be had
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { signWith = 'public-key', notifyTimeFactor: timeFactor = 1, log = silentLog } = options
  const { answerSeconds = 5 } = options
  const now = options.now ?? ((): Date => new Date())
  const merchants = admitMerchants(options.merchants)
  const makeKeys = async (): Promise<StoredKeys> => options.platformKeys ?? makePlatformKeys(now())
  const storage = await openStorage(options.dataDir, makeKeys)
  const keys = readPlatformKeys(storage.keys)
  const changes = createChanges()
  const ledger = createLedger(storage.initial.orders, now)
  const commit = async (): Promise<void> => {
    await storage.save(() => ({ orders: ledger.all(), notifications: notifier.all() }))
    changes.announce()
  }
  const key = keys.signingKeys[signWith]
  const faults = createFaults(changes.announce)
  const precedents = findPrecedents(ledger, () => notifier.all())
  const deliver = createDeliver({ key, merchants, faults, precedents, now, answerSeconds })
  const notifier = createNotifier(storage.initial.notifications, { deliver, now, log, timeFactor, commit })
  const pay = createPayOrder({ ledger, notifier, merchants, now, commit })
  const cashier = createCashier({ ledger, merchants, now })
  const folder = builtPages()
  const readBridge = (): Promise<string | undefined> => readIfPresent(join(folder, 'weixin-js-bridge.js'))
  const state = (): ReturnType<typeof viewState> =>
    viewState({ ledger, notifier, faults, merchants, keys, signWith, timeFactor })

  const koa = createKoa(log)
  const apiFaults = createApiFaults({ faults, ledger, pay, precedents })
  mountPlatformApi(koa, { ledger, merchants, keys, signWith, now, log, commit, faults: apiFaults })
  mountClientApi(koa, { cashier, pay, log, readBridge })
  const { host = '127.0.0.1', port = 0, publicUrl } = options
  const hosts = [host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])]
  const notifyUrl = (): string => `${server.url}${otherSystemPath}`
  const otherSystem = createOtherSystem({ ledger, merchants, now, commit, notifyUrl })
  mountSandboxApi(koa, { pay, otherSystem, notifier, faults, state, changes, log, hosts })
  koa.use(pages(folder, hosts))
  const server = await serve(koa, host, port)
  for (const { id } of notifier.all()) notifier.start(id)
  let closed: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    const notifierClosed = notifier.close()
    // Answers that a fault holds back go now; the notifier, closed before, sends none of its own any more.
    faults.clear()
    await Promise.all([server.close(), notifierClosed])
    await commit()
  }

  return {
    url: server.url,
    platformKey: { id: keys.publicKeyId, publicKeyPem: keys.publicKeyPem },
    certificate: keys.certificate,
    orders: () => ledger.all().map(viewOrder),
    notifications: () => notifier.all().map(viewNotification),
    pay,
    prepayElsewhere: async (request) => viewOrder(await otherSystem.prepay(request)),
    forget: otherSystem.forget,
    redeliver: notifier.redeliver,
    faults: controlOf(faults),
    onChange: changes.subscribe,
    // Once only: a second call must not write over what the next simulator in this folder has kept since.
    close: () => (closed ??= stop()),
  }
}
