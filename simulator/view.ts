import type { ActiveFault, Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { Order } from './order.ts'
import type { Merchants } from './merchants.ts'
import type { Notification } from './notification.ts'
import type { Notifier } from './notifier.ts'
import type { PlatformKeys, SigningMode } from './platform-keys.ts'

/** An order as it may be shown: no whole openid, no key. */
export type OrderView = Pick<
  Order,
  'mchId' | 'outTradeNo' | 'description' | 'total' | 'state' | 'createdAt' | 'timeExpire' | 'notifyUrl'
> & {
  readonly openid: string
  readonly transactionId: string | undefined
  readonly paidAt: string | undefined
  /** Fen that the payer gave, if coupons paid a part. */
  readonly payerTotal: number | undefined
  /** When the newest prepay_id ends. */
  readonly prepayExpiresAt: string | undefined
}

/** A notification as it may be shown: without its body. */
export type NotificationView = Omit<Notification, 'body'>

/** Everything that the simulator's page shows; the newest orders first. */
export type SandboxState = {
  readonly platform: {
    readonly publicKeyId: string
    readonly certificateSerial: string
    readonly signWith: SigningMode
    readonly timeFactor: number
  }
  readonly merchants: readonly {
    readonly mchId: string
    readonly name: string
    readonly appIds: readonly string[]
  }[]
  readonly orderCount: number
  readonly orders: readonly OrderView[]
  readonly notifications: readonly NotificationView[]
  readonly faults: readonly ActiveFault[]
}

const shownOrders = 100

/** The ends of a text, enough to tell two apart. */
const mask = (text: string): string => (text.length < 8 ? '…' : `${text.slice(0, 3)}…${text.slice(-3)}`)

/** What may be shown of an order. */
export function viewOrder(order: Order): OrderView {
  const { mchId, outTradeNo, description, total, state, createdAt, timeExpire, notifyUrl } = order
  const plain = { mchId, outTradeNo, description, total, state, createdAt, timeExpire, notifyUrl }
  return {
    ...plain,
    openid: mask(order.openid),
    transactionId: order.transactionId,
    paidAt: order.paidAt,
    payerTotal: order.payerTotal,
    prepayExpiresAt: order.prepays.at(-1)?.expiresAt,
  }
}

/** What may be shown of a notification. */
export const viewNotification = ({ body: _body, ...shown }: Notification): NotificationView => shown

/** Draws the page's picture of the simulator. */
export function viewState(deps: {
  readonly ledger: Ledger
  readonly notifier: Notifier
  readonly faults: Faults
  readonly merchants: Merchants
  readonly keys: PlatformKeys
  readonly signWith: SigningMode
  readonly timeFactor: number
}): SandboxState {
  const all = deps.ledger.all()
  const orders = all.slice(-shownOrders).reverse()
  const shown = new Set(orders.map(({ mchId, outTradeNo }) => `${mchId}/${outTradeNo}`))
  const isShown = (each: Notification): boolean => shown.has(`${each.mchId}/${each.outTradeNo}`)
  return {
    platform: {
      publicKeyId: deps.keys.publicKeyId,
      certificateSerial: deps.keys.certificate.serialNo,
      signWith: deps.signWith,
      timeFactor: deps.timeFactor,
    },
    merchants: [...deps.merchants.values()].map(({ mchId, name, appIds }) => ({ mchId, name, appIds })),
    orderCount: all.length,
    orders: orders.map(viewOrder),
    notifications: deps.notifier.all().filter(isShown).map(viewNotification),
    faults: deps.faults.list(),
  }
}
