import { actionButton, badge, element, facts } from './elements.ts'
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

function orderFacts(order: Order): HTMLElement {
  const isOpen = order.state === 'NOTPAY'
  return facts([
    [texts.created, formatTime(order.createdAt)],
    [texts.paid, order.paidAt && formatTime(order.paidAt)],
    [texts.payBefore, isOpen ? formatTime(order.timeExpire) : undefined],
    ['prepay', isOpen ? prepayFact(order) : undefined],
    [texts.payer, order.openid],
    [texts.transaction, order.transactionId],
    ['notify_url', order.notifyUrl],
  ])
}

/** One order with its button to pay and its notifications. */
export function orderCard(order: Order, notifications: readonly Notification[]): HTMLElement {
  const { mchId, outTradeNo } = order
  const path = `/sandbox/orders/${encodeURIComponent(mchId)}/${encodeURIComponent(outTradeNo)}/pay`
  const isPayable = order.state === 'NOTPAY' && !isPast(order.timeExpire)
  const pay = isPayable ? actionButton(texts.pay, { path, testId: 'order-pay', look: 'primary' }) : undefined
  return element(
    'article',
    { class: 'card order', 'data-testid': `order-${outTradeNo}` },
    element(
      'div',
      { class: 'head' },
      element('div', { class: 'name' }, element('h3', {}, outTradeNo), element('p', {}, order.description)),
      element('strong', { class: 'total' }, formatFen(order.total)),
      stateBadge(order),
      pay,
    ),
    orderFacts(order),
    ...notifications.map(notificationPanel),
  )
}
