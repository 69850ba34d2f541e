import { createPublicKey, verify } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { fold } from '../../src/domain/evolve.ts'
import type { Order } from '../../src/domain/order.ts'
import { openNumbers } from '../../src/domain/trade-number.ts'
import type { Database } from '../../src/models/database.ts'
import type { StoredNotification } from '../../src/models/notification.ts'
import { historicalPart } from './history.ts'
import type { PlatformChild, TakenPayment } from './platform-child.ts'

/** What must be on disk about an order, whatever happened on the way. */
export interface Expectation {
  readonly outTradeNo: string
  /** Every id that createOrder answered with for this number. */
  readonly ids: readonly string[]
  /** How many payers' payments were started: each has a number of its own. */
  readonly payers: number
  /** What the platform took for it; undefined when nobody paid. */
  readonly payment: TakenPayment | undefined
  /** Whether the platform was told with a 2XX that its notification is safe here. */
  readonly isAcknowledged: boolean
  /** How it must have ended; undefined for an order that may still be open, or whose rest may still be. */
  readonly status?: 'PAID' | 'CLOSED'
  /** Whether a caller was told that it has ended. */
  readonly isAnswered?: boolean
  /** Sentences about what must not be, and was seen on the way. */
  readonly seen?: readonly string[]
}

/** What is wrong, by its kind: something that should be there is missing, or is there more often than once. */
export interface Findings {
  readonly lost: readonly string[]
  readonly twice: readonly string[]
  readonly wrong: readonly string[]
}

type Finding = readonly [kind: keyof Findings, isSo: boolean, sentence: string]

function ofNotifications(
  rows: readonly StoredNotification[],
  { payment, isAcknowledged }: Expectation,
  { platformKey }: Pick<PlatformChild, 'platformKey'>,
): readonly Finding[] {
  const key = createPublicKey(platformKey.publicKeyPem)
  const ids = rows.map((row) => row.platformNotificationId)
  return [
    ['lost', isAcknowledged && !ids.includes(payment?.notificationId ?? ''), 'its acknowledged notification'],
    ['twice', new Set(ids).size < ids.length, 'a notification'],
    ['wrong', !rows.every((row) => isGenuine(row, key)), 'the bytes of a notification'],
    ['wrong', isAcknowledged && !rows.every(({ outcome }) => isSettled(outcome)), 'an outcome'],
  ]
}

function isSettled(outcome: StoredNotification['outcome']): boolean {
  return outcome === 'APPLIED' || outcome === 'DUPLICATE'
}

/** The platform's signature over the stored bytes still holds only if not one of them is another. */
function isGenuine({ rawHeaders, rawBody }: StoredNotification, key: ReturnType<typeof createPublicKey>) {
  const header = (name: string): string => rawHeaders.find(([sent]) => sent.toLowerCase() === name)?.[1] ?? ''
  const [timestamp, nonce] = [header('wechatpay-timestamp'), header('wechatpay-nonce')]
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), rawBody, Buffer.from('\n')])
  return verify('sha256', message, key, Buffer.from(header('wechatpay-signature'), 'base64'))
}

/** The order's own number, and one for each further payer. */
function hasNumbers({ attempts, numbers }: Order, { outTradeNo, payers }: Expectation): boolean {
  const attempted = attempts.map(({ platformTradeNo }) => platformTradeNo).sort()
  const stored = numbers.map(({ platformTradeNo }) => platformTradeNo).sort()
  return attempted.length === payers && attempted.includes(outTradeNo) && isDeepStrictEqual(attempted, stored)
}

function ofEnd(order: Order, { status }: Expectation): readonly Finding[] {
  if (status === undefined) return []
  return [
    ['lost', order.status !== status, 'the end'],
    ['wrong', order.closing !== null, 'it is being closed although it has ended'],
    ['wrong', openNumbers(order).length > 0, 'a number that may be paid'],
  ]
}

function ofOrder(order: Order, expected: Expectation): readonly Finding[] {
  const { ids, payment } = expected
  const paidEvents = order.events.filter(({ type }) => type === 'order.paid').length
  const closedEvents = order.events.filter(({ type }) => type === 'order.closed').length
  const transactions = order.transactions.map(({ transactionId }) => transactionId)
  const isPaid = order.status === 'PAID'
  return [
    ['lost', payment !== undefined && !isPaid, 'the payment'],
    ['lost', ids.some((id) => id !== order.id), 'an order that was answered with'],
    ['twice', paidEvents > 1 || transactions.length > 1, 'the payment'],
    ['twice', closedEvents > 1, 'the close'],
    ['wrong', payment === undefined && (isPaid || paidEvents > 0), 'paid, and nobody paid'],
    ['wrong', payment !== undefined && transactions[0] !== payment.transactionId, 'the transaction'],
    ['wrong', order.anomalies.length > 0, 'an anomaly'],
    ['wrong', order.events.some(({ seq }, index) => seq !== index + 1), 'a gap in the history'],
    [
      'wrong',
      !isDeepStrictEqual(fold(order.events), historicalPart(order)),
      'the state is not what the history says',
    ],
    ['wrong', !hasNumbers(order, expected), 'attempts or numbers'],
    ...ofEnd(order, expected),
  ]
}

async function findingsOf(
  database: Database,
  expected: Expectation,
  platform: Pick<PlatformChild, 'platformKey'>,
): Promise<readonly Finding[]> {
  const [order] = await database.orders.withOutTradeNo(expected.outTradeNo)
  if (order === undefined) return [['lost', true, 'the order']]
  const { rows } = await database.inbox.list({ orderId: order.id }, { first: 100 })
  return [...ofOrder(order, expected), ...ofNotifications(rows, expected, platform)]
}

/** Compares what is on disk about an order with what it must be. All lists are empty when everything is right. */
export async function inspectOrder(
  database: Database,
  expected: Expectation,
  platform: Pick<PlatformChild, 'platformKey'>,
): Promise<Findings> {
  const findings = await findingsOf(database, expected, platform)
  const sentences = (wanted: keyof Findings): readonly string[] =>
    findings.flatMap(([kind, isSo, sentence]) =>
      kind === wanted && isSo ? [`${expected.outTradeNo}: ${kind}: ${sentence}`] : [],
    )
  const { seen = [] } = expected
  return { lost: sentences('lost'), twice: sentences('twice'), wrong: [...sentences('wrong'), ...seen] }
}
