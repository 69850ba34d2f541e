import type { Clock } from './clock.ts'
import { orderUnknown } from './ledger.ts'
import type { Ledger, PaymentTerms } from './ledger.ts'
import type { OrderRef } from './order.ts'
import type { Merchants } from './merchants.ts'
import { paymentNotification } from './notification.ts'
import type { Notifier } from './notifier.ts'

/** What a payment left behind. */
export type Payment = { readonly transactionId: string; readonly notificationId: string }

/** Takes the payer's money and tells the merchant. */
export type PayOrder = (ref: OrderRef, terms?: PaymentTerms) => Promise<Payment>

type Deps = {
  readonly ledger: Ledger
  readonly notifier: Notifier
  readonly merchants: Merchants
  readonly now: Clock
  readonly commit: () => Promise<void>
}

/**
 * Makes the one way in which an order gets paid, whoever presses the button. The payment and its notification
 * are kept in one step, so that a payment is never without its notification.
 */
export const createPayOrder =
  ({ ledger, notifier, merchants, now, commit }: Deps): PayOrder =>
  async (ref, terms) => {
    const merchant = merchants.get(ref.mchId)
    if (!merchant) throw orderUnknown()
    const order = ledger.pay(ref, terms)
    const notification = paymentNotification(order, merchant.apiV3Key, now)
    notifier.add(notification)
    await commit()
    notifier.start(notification.id)
    return { transactionId: order.transactionId, notificationId: notification.id }
  }
