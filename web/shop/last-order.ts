import { textOf } from '../client/graphql.ts'
import { type OrderWatch, type WatchedOrder, watchOrder } from '../client/index.ts'
import { formatYuan } from '../client/yuan.ts'
import type { LastOrderIs, Messages } from './messages.ts'

/** What the shop's backend answers to an order: where to pay it, and with which token it can be watched. */
export interface PlacedOrder {
  readonly payUrl: string
  /** Where the gateway is. */
  readonly gatewayUrl: string
  /** For this one order. It lets a page read, pay and watch it, and nothing else. */
  readonly accessToken: string
}

/** Shows what became of the order that this tab placed last. */
export interface LastOrder {
  /** Remembers an order, for when the customer comes back from paying it. */
  remember(order: PlacedOrder): void
  /** Shows the order that is remembered, if there is one, and keeps it up to date. */
  show(): void
}

/** Kept for this tab only: another customer of the same phone sees nothing of it. */
const KEY = 'acme_last_order'

/** Reads an answer of the backend, or what was remembered of it; null when it is neither. */
export function readPlacedOrder(value: unknown): PlacedOrder | null {
  const payUrl = textOf(value, 'payUrl')
  const gatewayUrl = textOf(value, 'gatewayUrl')
  const accessToken = textOf(value, 'accessToken')
  const isWhole = /^https?:/.test(payUrl) && /^https?:/.test(gatewayUrl) && accessToken !== ''
  return isWhole ? { payUrl, gatewayUrl, accessToken } : null
}

/**
 * Binds an element with a `p` for words and an `a` for the way to pay. The element is hidden as long as nothing is known
 * of an order.
 */
export function createLastOrder(strip: HTMLElement, messages: Messages): LastOrder {
  let watch: OrderWatch | undefined

  function forget(): void {
    strip.hidden = true
    sessionStorage.removeItem(KEY)
  }

  function render(order: WatchedOrder, payUrl: string): void {
    const { description, amount, status } = order
    const words = [messages.orderIs[standOf(order)], description, formatYuan(amount.total)]
    const link = strip.querySelector('a')
    strip.dataset['status'] = status
    strip.querySelector('p')?.replaceChildren(words.join(' · '))
    link?.setAttribute('href', payUrl)
    link?.replaceChildren(messages.payIt)
    link?.toggleAttribute('hidden', status === 'PAID' || status === 'CLOSED')
    strip.hidden = false
  }

  return {
    remember: (order) => sessionStorage.setItem(KEY, JSON.stringify(order)),
    show() {
      watch?.stop()
      const order = remembered()
      if (order === null) return forget()
      const { payUrl, gatewayUrl: url, accessToken: token } = order
      watch = watchOrder({
        url,
        token,
        onChange: (placed) => render(placed, payUrl),
        onEnd: (why) => {
          if (why === 'refused') forget()
        },
      })
    },
  }
}

/** How an order stands, in the customer's terms. */
export function standOf({ status, closeReason }: Pick<WatchedOrder, 'status' | 'closeReason'>): LastOrderIs {
  if (status === 'PAID') return 'paid'
  if (status !== 'CLOSED') return 'open'
  return closeReason === 'EXPIRED' ? 'expired' : 'closed'
}

function remembered(): PlacedOrder | null {
  try {
    return readPlacedOrder(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'))
  } catch {
    return null
  }
}
