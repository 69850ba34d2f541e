import type { Order } from '../domain/order.ts'
import type { StoredNotification, Waiting } from '../models/notification.ts'
import type { Log } from '../operations/log.ts'
import { READER_VERSION } from '../platforms/platform.ts'
import { applyStored } from './apply-notification.ts'
import type { NotifyPorts } from './ports.ts'

/** A row that was sent this recently is left to the delivery that may still be at work on it, in milliseconds. */
const SETTLE_TIME_MS = 10_000
const BATCH = 100

async function applyOne(ports: NotifyPorts, row: StoredNotification, log: Log): Promise<boolean> {
  const { outcome, explanation } = await applyStored(ports, row)
  if (outcome === row.outcome) return false
  log.info({ notificationId: row.platformNotificationId, outcome }, `inbox: ${explanation.en}`)
  return true
}

/** What cannot be applied, for whatever reason, is left for the next round, and must not hold up what is behind it. */
async function tryOne(ports: NotifyPorts, row: StoredNotification, log: Log): Promise<boolean> {
  try {
    return await applyOne(ports, row, log)
  } catch (error) {
    const { merchantId, platformNotificationId: notificationId } = row
    log.warn({ merchantId, notificationId, err: error }, 'A stored notification could not be applied.')
    return false
  }
}

/** The entries behind one of them, at most `BATCH`. */
type NextEntries = (after: string | undefined) => Promise<readonly StoredNotification[]>

async function applyAll(
  ports: NotifyPorts,
  nextEntries: NextEntries,
  { log, leaving }: { readonly log: Log; readonly leaving: AbortSignal | undefined },
): Promise<number> {
  let applied = 0
  let after: string | undefined
  do {
    const rows = await nextEntries(after)
    for (const row of rows) {
      if (leaving?.aborted === true) return applied
      if (await tryOne(ports, row, log)) applied += 1
    }
    after = rows.length < BATCH ? undefined : rows.at(-1)?.id
  } while (after !== undefined)
  return applied
}

function pendingEntries({ inbox }: NotifyPorts, waiting: Waiting): NextEntries {
  return (after) => inbox.pending({ ...waiting, after }, BATCH)
}

/**
 * Applies what was stored and not applied, because the process or the database went away in between.
 * @param leaving nothing further is applied once it aborts
 */
export async function applyPending(ports: NotifyPorts, log: Log, leaving?: AbortSignal): Promise<number> {
  const silentSince = new Date(ports.now().getTime() - SETTLE_TIME_MS)
  return applyAll(ports, pendingEntries(ports, { verdict: 'VERIFIED', silentSince }), { log, leaving })
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
  let applied = 0
  for (const source of sources) applied += await applyAll(ports, source, { log, leaving })
  return applied
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
