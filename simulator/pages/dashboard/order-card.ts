import { actionButton, aimEvent, badge, button, element, facts } from './elements.ts'
import { faultWords } from './fault-words.ts'
import { formatFen, formatTime } from './format.ts'
import type { Notification, Order } from './model.ts'
import { notificationPanel } from './notification-panel.ts'
import { texts } from './texts.ts'

const isPast = (iso: string | undefined): boolean =>
  iso === undefined || new Date(iso).getTime() <= Date.now()

function stateBadge(order: Order): HTMLElement {
  if (order.state === 'SUCCESS') return badge('good', texts.SUCCESS)
  if (order.state === 'CLOSED') return badge('quiet', texts.CLOSED)
  return isPast(order.timeExpire) ? badge('quiet', texts.expired) : badge('wait', texts.NOTPAY)
}

function prepayFact({ prepayExpiresAt }: Order): string {
  if (prepayExpiresAt === undefined || isPast(prepayExpiresAt)) return texts.prepayEnded
  return `${texts.prepayUntil} ${formatTime(prepayExpiresAt)}`
}

const pathOf = ({ mchId, outTradeNo }: Order): string =>
  `/sandbox/orders/${encodeURIComponent(mchId)}/${encodeURIComponent(outTradeNo)}`

function orderFacts(order: Order): HTMLElement {
  const isOpen = order.state === 'NOTPAY'
  return facts([
    [texts.created, formatTime(order.createdAt)],
    [texts.paid, order.paidAt && formatTime(order.paidAt)],
    [texts.payerTotal, order.payerTotal === undefined ? undefined : formatFen(order.payerTotal)],
    [texts.payBefore, isOpen ? formatTime(order.timeExpire) : undefined],
    ['prepay', isOpen ? prepayFact(order) : undefined],
    [texts.payer, order.openid],
    [texts.transaction, order.transactionId],
    ['notify_url', order.notifyUrl],
  ])
}

/** Pays; also what is closed or expired, as a payment that was under way then. */
function payButton(order: Order): HTMLElement | undefined {
  const { state } = order
  if (state === 'SUCCESS') return undefined
  const path = `${pathOf(order)}/pay`
  const isPayable = state === 'NOTPAY' && !isPast(order.timeExpire)
  if (isPayable) {
    const action = { method: 'POST', path } as const
    return actionButton(texts.pay, { action, testId: 'order-pay', look: 'primary' })
  }
  const action = { method: 'POST', path, body: { evenIfClosed: true } } as const
  return actionButton(faultWords.payLate, { action, testId: 'order-pay-late', look: 'secondary' })
}

function aimButton({ mchId, outTradeNo }: Order): HTMLElement {
  const options = { testId: 'order-fault', key: `${mchId}/${outTradeNo}`, look: 'secondary' }
  return button(faultWords.aim, options, () => {
    document.dispatchEvent(new CustomEvent(aimEvent, { detail: { mchId, outTradeNo } }))
  })
}

/** Makes the platform forget the order. */
const forgetButton = (order: Order): HTMLElement =>
  actionButton(texts.forget, {
    action: { method: 'DELETE', path: pathOf(order) },
    testId: 'order-forget',
    look: 'secondary',
  })

/** One order with its buttons and its notifications. */
export function orderCard(order: Order, notifications: readonly Notification[]): HTMLElement {
  const { outTradeNo } = order
  return element(
    'article',
    { class: 'card order', 'data-testid': `order-${outTradeNo}` },
    element(
      'div',
      { class: 'head' },
      element('div', { class: 'name' }, element('h3', {}, outTradeNo), element('p', {}, order.description)),
      element('strong', { class: 'total' }, formatFen(order.total)),
      stateBadge(order),
      payButton(order),
      aimButton(order),
      forgetButton(order),
    ),
    orderFacts(order),
    ...notifications.map(notificationPanel),
  )
}
