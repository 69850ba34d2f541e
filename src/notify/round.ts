import type { Order } from '../domain/order.ts'
import type { StoredNotification, Trouble, Waiting } from '../models/notification.ts'
import type { Log } from '../operations/log.ts'
import { READER_VERSION } from '../platforms/platform.ts'
import { applyStored, type Application } from './apply-notification.ts'
import type { NotifyPorts } from './ports.ts'
import { reportTrouble, UNMATCHED_PATIENCE_MS } from './report-trouble.ts'

/** An entry that was sent this recently is left to the delivery that may still be at work on it, in milliseconds. */
const SETTLE_TIME_MS = 10_000
const BATCH = 100

async function applyOne(ports: NotifyPorts, row: StoredNotification, log: Log): Promise<Application> {
  const application = await applyStored(ports, row)
  const { outcome, explanation } = application.entry
  if (outcome !== row.outcome) {
    log.info({ notificationId: row.platformNotificationId, outcome }, `inbox: ${explanation.en}`)
  }
  return application
}

/** The entries behind one of them, at most `BATCH`. */
type NextEntries = (after: string | undefined) => Promise<readonly StoredNotification[]>

/** What is done with the entries, and until when. */
interface Work {
  /** True when it changed something. */
  readonly each: (row: StoredNotification) => Promise<boolean>
  readonly log: Log
  readonly leaving: AbortSignal | undefined
}

/** What fails, for whatever reason, is left for the next time, and must not hold up what is behind it. */
async function tryOne(row: StoredNotification, { each, log }: Work): Promise<boolean> {
  try {
    return await each(row)
  } catch (error) {
    const { merchantId, platformNotificationId: notificationId } = row
    log.warn({ merchantId, notificationId, err: error }, 'A stored notification could not be applied.')
    return false
  }
}

/** @returns how many entries it changed something about */
async function forAll(nextEntries: NextEntries, work: Work): Promise<number> {
  let changed = 0
  let after: string | undefined
  do {
    const rows = await nextEntries(after)
    for (const row of rows) {
      if (work.leaving?.aborted === true) return changed
      if (await tryOne(row, work)) changed += 1
    }
    after = rows.length < BATCH ? undefined : rows.at(-1)?.id
  } while (after !== undefined)
  return changed
}

function applying(ports: NotifyPorts, log: Log, leaving: AbortSignal | undefined): Work {
  const each = async (row: StoredNotification): Promise<boolean> =>
    (await applyOne(ports, row, log)).entry.outcome !== row.outcome
  return { each, log, leaving }
}

function pendingEntries({ inbox }: NotifyPorts, waiting: Waiting): NextEntries {
  return (after) => inbox.pending({ ...waiting, after }, BATCH)
}

function before(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds)
}

/**
 * Applies what was stored and not applied, because the process or the database went away in between.
 * @param leaving nothing further is applied once it aborts
 */
export async function applyPending(ports: NotifyPorts, log: Log, leaving?: AbortSignal): Promise<number> {
  const silentSince = before(ports.now(), SETTLE_TIME_MS)
  const entries = pendingEntries(ports, { verdict: 'VERIFIED', silentSince })
  return forAll(entries, applying(ports, log, leaving))
}

/**
 * Reads again what could not be decrypted or read, and what an earlier version of the reader ignored. Keys and the reader
 * only change with a restart, so this is for the start.
 * @param leaving nothing further is tried once it aborts
 */
export async function readAgain(ports: NotifyPorts, log: Log, leaving?: AbortSignal): Promise<number> {
  const silentSince = ports.now()
  const sources = [
    pendingEntries(ports, { verdict: 'UNDECRYPTABLE', silentSince }),
    pendingEntries(ports, { verdict: 'UNREADABLE', silentSince }),
    (after: string | undefined) => ports.inbox.ignoredBefore(READER_VERSION, { after, limit: BATCH }),
  ]
  let changed = 0
  for (const source of sources) changed += await forAll(source, applying(ports, log, leaving))
  return changed
}

/** How old an entry is when its trouble is reported although nothing is delivered any more, in milliseconds. */
const REPORTED_AFTER_MS: Readonly<Record<Trouble, number>> = {
  UNMATCHED: UNMATCHED_PATIENCE_MS,
  UNREADABLE: SETTLE_TIME_MS,
  UNDECRYPTABLE: SETTLE_TIME_MS,
}

/**
 * Writes the `error` lines about entries that have no effect and that the platform does not send any more. Each is tried
 * once more before: its order may have appeared.
 * @param leaving nothing further is reported once it aborts
 */
export async function reportTroubles(ports: NotifyPorts, log: Log, leaving?: AbortSignal): Promise<void> {
  async function each(row: StoredNotification): Promise<boolean> {
    const { entry } = await applyOne(ports, row, log)
    await reportTrouble({ ...ports, log }, entry)
    return true
  }
  for (const trouble of ['UNMATCHED', 'UNREADABLE', 'UNDECRYPTABLE'] as const) {
    const receivedBefore = before(ports.now(), REPORTED_AFTER_MS[trouble])
    const entries: NextEntries = (after) => ports.inbox.unreported({ trouble, receivedBefore, after }, BATCH)
    await forAll(entries, { each, log, leaving })
  }
}

/**
 * Applies what arrived for an order before the order did, and gives the order as it is then. Throws when that cannot be
 * done: nobody shall be asked to pay an order again that may be paid.
 */
export async function applyUnmatched(ports: NotifyPorts, order: Order, log: Log): Promise<Order> {
  if (order.status === 'PAID') return order
  const numbers = [order.outTradeNo, ...order.numbers.map(({ platformTradeNo }) => platformTradeNo)]
  const rows = await ports.inbox.unmatched(order.merchantId, numbers)
  for (const row of rows) await applyOne(ports, row, log)
  return rows.length === 0 ? order : ((await ports.orders.byId(order.id)) ?? order)
}
