import { decide } from '../domain/decide.ts'
import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import type { StoredNotification } from '../models/notification.ts'
import type { StoredRejection } from '../models/rejection.ts'
import { applyStored } from './apply-notification.ts'
import type { NotifyPorts } from './ports.ts'
import { keepVerified } from './receive-notification.ts'

/** What a replay did, or, dry, would do. */
export interface Replay {
  readonly notification: StoredNotification
  /** Types of the order's new events; empty when the order knew it all. */
  readonly changes: readonly string[]
  readonly order: Order | undefined
}

async function orderOf(ports: NotifyPorts, row: StoredNotification): Promise<Order | undefined> {
  const { merchantId, platform, platformTradeNo } = row
  if (platformTradeNo === null) return undefined
  return ports.orders.byPlatformTradeNo(merchantId, platform, platformTradeNo)
}

/** The row as it would be found with today's keys: what could not be decrypted then may be readable now. */
function readNow(ports: NotifyPorts, row: StoredNotification) {
  const reading = ports.platformOf(row.merchantId, row.platform)?.readStored(row.rawBody)
  return reading?.verdict === 'VERIFIED' ? reading.fact : null
}

async function preview(ports: NotifyPorts, row: StoredNotification): Promise<Replay> {
  const fact = readNow(ports, row)
  const order = await orderOf(ports, {
    ...row,
    platformTradeNo: fact?.platformTradeNo ?? row.platformTradeNo,
  })
  if (fact === null || order === undefined) return { notification: row, changes: [], order }
  const events = decide(order, { ...fact, cause: row.id }, ports.now())
  return { notification: row, changes: events.map(({ type }) => type), order }
}

async function apply(ports: NotifyPorts, row: StoredNotification): Promise<Replay> {
  const { changes } = await preview(ports, row)
  const { order } = await applyStored(ports, row)
  const notification = (await ports.inbox.byId(row.id)) ?? row
  return { notification, changes, order: order ?? undefined }
}

/**
 * A refused callback is verified again as of the moment it came, so that the five-minute rule does not stand in the
 * way. With a key that was missing then it may be genuine now, and is kept like any other.
 */
async function readmit(ports: NotifyPorts, refused: StoredRejection): Promise<StoredNotification> {
  const account = ports.platformOf(refused.merchantId, refused.platform)
  const raw = { headers: refused.rawHeaders, body: refused.rawBody }
  const reading = await account?.readNotification(raw, { at: refused.receivedAt })
  if (reading?.verdict !== 'VERIFIED') {
    const why = reading?.explanation.en ?? 'The merchant has no account at that platform.'
    throw new PaymentError('NOT_FOUND', `Notification ${refused.id} was refused and still would be: ${why}`)
  }
  return keepVerified(ports, { ...refused, ...raw }, reading)
}

async function find(ports: NotifyPorts, id: string, dryRun: boolean): Promise<StoredNotification> {
  const row = await ports.inbox.byId(id)
  if (row !== undefined) return row
  const refused = await ports.rejections.byId(id)
  if (refused !== undefined && !dryRun) return readmit(ports, refused)
  const why =
    refused === undefined ? 'There is no notification' : 'Nothing is stored to try with notification'
  throw new PaymentError('NOT_FOUND', `${why} ${id}.`)
}

/**
 * Applies a stored notification again; with `dryRun` only says what would change.
 * @throws {PaymentError} NOT_FOUND when there is none, or when it was refused and still would be
 */
export async function replayNotification(
  ports: NotifyPorts,
  id: string,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Replay> {
  const row = await find(ports, id, dryRun)
  return dryRun ? preview(ports, row) : apply(ports, row)
}
