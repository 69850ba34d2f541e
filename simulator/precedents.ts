import type { Fault } from './fault-kinds.ts'
import type { Ledger } from './ledger.ts'
import type { Notification } from './notification.ts'
import type { Order, OrderRef, PaidOrder } from './order.ts'

/** The other payments of a merchant, for faults that use an id of one of them again. */
export type Precedents = {
  /** When the order itself was opened; undefined when the platform has forgotten it. */
  readonly openedAt: (ref: OrderRef) => Date | undefined
  /** The transaction id of the payment `from`, or of the latest other one; undefined when there is none. */
  readonly transactionId: (ref: OrderRef, from: string | undefined) => string | undefined
  /** The id of a notification of the payment `from`, or of the latest other one; undefined when there is none. */
  readonly notificationId: (ref: OrderRef, from: string | undefined) => string | undefined
}

const isOther =
  (ref: OrderRef, from: string | undefined) =>
  ({ mchId, outTradeNo }: OrderRef): boolean =>
    mchId === ref.mchId && outTradeNo !== ref.outTradeNo && (from ?? outTradeNo) === outTradeNo

const isPaid = (order: Order): order is PaidOrder =>
  order.transactionId !== undefined && order.paidAt !== undefined

/** Looks for precedents among the orders and notifications that there are at the moment. */
export function findPrecedents(
  ledger: Pick<Ledger, 'find' | 'all'>,
  notifications: () => readonly Notification[],
): Precedents {
  return {
    openedAt: (ref) => {
      const order = ledger.find(ref)
      return order && new Date(order.createdAt)
    },
    transactionId: (ref, from) =>
      ledger
        .all()
        .filter(isOther(ref, from))
        .filter(isPaid)
        .sort((one, other) => one.paidAt.localeCompare(other.paidAt))
        .at(-1)?.transactionId,
    notificationId: (ref, from) => notifications().findLast(isOther(ref, from))?.id,
  }
}

/** Returns whether there is what the fault refers to; true for faults that refer to nothing. */
export function hasPrecedent(fault: Fault, ref: OrderRef, precedents: Precedents): boolean {
  if (fault.kind === 'early-success') return precedents.openedAt(ref) !== undefined
  if (fault.kind === 'reused-id') return precedents.notificationId(ref, fault.from) !== undefined
  if (fault.kind === 'reused-transaction') return precedents.transactionId(ref, fault.from) !== undefined
  if (fault.kind !== 'wrong-answer' || fault.transactionFrom === undefined) return true
  return precedents.transactionId(ref, fault.transactionFrom) !== undefined
}
