import { PaymentError } from '../domain/errors.ts'
import type { Order, OrderEvent } from '../domain/order.ts'
import type { MessageSize } from '../models/bounded-message.ts'
import type { StoredNotification } from '../models/notification.ts'
import type { StoredRejection } from '../models/rejection-record.ts'
import { foreseeFact } from '../orders/record-fact.ts'
import type { GenuineReading } from '../platforms/platform.ts'
import { applyStored, tradeNoOf } from './apply-notification.ts'
import type { NotifyPorts } from './ports.ts'
import { isGenuine, keepGenuine } from './keep-genuine.ts'

/** What a replay did, or, dry, would do. */
export interface Replay {
  /** The refused one only in a dry run: to apply it is to keep it. */
  readonly notification: StoredNotification | StoredRejection
  /** Types of the events that this replay writes; empty when the order knew it all, also from an earlier delivery of it. */
  readonly changes: readonly string[]
  readonly order: Order | undefined
}

function typesOf(events: readonly OrderEvent[]): Replay['changes'] {
  return events.map(({ type }) => type)
}

/** What a stored callback would change, read as it would be today: what could not be decrypted may be readable now. */
async function foresee(
  ports: NotifyPorts,
  stored: StoredNotification | StoredRejection,
  reading: GenuineReading | undefined,
): Promise<Replay> {
  const fact = reading?.verdict === 'VERIFIED' ? reading.fact : null
  const stillNamed = 'platformTradeNo' in stored ? stored.platformTradeNo : null
  const tradeNo = (reading && tradeNoOf(reading)) ?? stillNamed
  const order =
    tradeNo === null
      ? undefined
      : await ports.orders.byPlatformTradeNo(stored.merchantId, stored.platform, tradeNo)
  if (fact === null || order === undefined) return { notification: stored, changes: [], order }
  const events = await foreseeFact(ports, order, { ...fact, cause: stored.id })
  return { notification: stored, changes: typesOf(events), order }
}

function foreseeRow(ports: NotifyPorts, row: StoredNotification): Promise<Replay> {
  const account = ports.platformOf(row.merchantId, row.platform)
  return foresee(ports, row, account?.readStored(row.rawBody))
}

async function apply(ports: NotifyPorts, row: StoredNotification): Promise<Replay> {
  const { order, changes } = await applyStored(ports, row)
  const notification = (await ports.inbox.byId(row.id)) ?? row
  return { notification, changes: typesOf(changes), order: order ?? undefined }
}

function cutSentence(id: string, { bodyBytes, headers }: MessageSize): string {
  const sent = `its ${bodyBytes} bytes and ${headers} headers`
  return `Notification ${id} was refused, and not all of ${sent} was kept, so it cannot be verified again.`
}

/**
 * A refused callback is verified again as of the moment it came, so that the five-minute rule does not stand in the
 * way. With a key that was missing then it may be genuine now.
 */
async function verifyAgain(ports: NotifyPorts, refused: StoredRejection): Promise<GenuineReading> {
  const { cutFrom, rawBody } = refused
  // Headers that were left out may be none of the signature's, which the verification will find.
  if (cutFrom !== null && cutFrom.bodyBytes > rawBody.length)
    throw new PaymentError('NOT_FOUND', cutSentence(refused.id, cutFrom))
  const account = ports.platformOf(refused.merchantId, refused.platform)
  const raw = { headers: refused.rawHeaders, body: refused.rawBody }
  const reading = await account?.readNotification(raw, { at: refused.receivedAt })
  if (reading !== undefined && isGenuine(reading)) return reading
  const why = reading?.explain().en ?? 'The merchant has no account at that platform.'
  throw new PaymentError('NOT_FOUND', `Notification ${refused.id} was refused and still would be: ${why}`)
}

/**
 * Applies a stored notification again; with `dryRun` only says what would change. A refused one that is genuine by now
 * is kept like any other.
 * @throws {PaymentError} NOT_FOUND when there is none, when it was refused and still would be, or when only a part of it
 * was kept
 */
export async function replayNotification(
  ports: NotifyPorts,
  id: string,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Replay> {
  const row = await ports.inbox.byId(id)
  if (row !== undefined) return dryRun ? foreseeRow(ports, row) : apply(ports, row)
  const refused = await ports.rejections.byId(id)
  if (refused === undefined) throw new PaymentError('NOT_FOUND', `There is no notification ${id}.`)
  const reading = await verifyAgain(ports, refused)
  if (dryRun) return foresee(ports, refused, reading)
  const { rawHeaders: headers, rawBody: body } = refused
  return apply(ports, await keepGenuine(ports, { ...refused, headers, body }, reading))
}
