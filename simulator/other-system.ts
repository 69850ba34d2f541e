import { z } from 'zod'
import { parameterError } from './api-error.ts'
import type { Clock } from './clock.ts'
import type { Ledger } from './ledger.ts'
import type { Merchant, Merchants } from './merchants.ts'
import type { Order, OrderRef } from './order.ts'
import { parseParameters, text } from './parameters.ts'
import { readPrepay } from './prepay-rules.ts'

/** A prepay request of another system; only the merchant and the number must be given. */
export type PrepayElsewhere = {
  readonly mchid: string
  readonly out_trade_no: string
  /** Any other field of a prepay request, as the platform spells it. */
  readonly [field: string]: unknown
}

/** What happens to the platform's orders without a merchant's signed call. */
export type OtherSystem = {
  /**
   * Opens an order as a prepay call of another system of the merchant does.
   * @throws {ApiError} as a prepay call
   */
  readonly prepay: (request: unknown) => Promise<Order>
  /** Makes the platform forget an order; its notifications stay. @throws {ApiError} ORDER_NOT_EXIST */
  readonly forget: (ref: OrderRef) => Promise<void>
}

type Deps = {
  readonly ledger: Ledger
  readonly merchants: Merchants
  readonly now: Clock
  readonly commit: () => Promise<void>
  /** Where the other system receives notifications unless the request names another address. */
  readonly notifyUrl: () => string
}

const requestSchema = z.looseObject({ mchid: text(32) })

const unknownMerchant = (value: string): Error =>
  parameterError('商户号不存在', { field: '/mchid', value, issue: 'unknown merchant', location: 'body' })

const defaultsOf = ({ appIds }: Merchant, notifyUrl: string): Readonly<Record<string, unknown>> => ({
  appid: appIds[0],
  description: '其他系统的订单',
  notify_url: notifyUrl,
  amount: { total: 1 },
  payer: { openid: 'o-payer-of-another-system' },
})

/** Makes what stands for the merchant's other systems, and for what the platform itself does with orders. */
export function createOtherSystem({ ledger, merchants, now, commit, notifyUrl }: Deps): OtherSystem {
  return {
    async prepay(input) {
      const request = parseParameters(requestSchema, input, 'body')
      const merchant = merchants.get(request.mchid)
      if (!merchant) throw unknownMerchant(request.mchid)
      const opened = readPrepay({ ...defaultsOf(merchant, notifyUrl()), ...request }, merchant, now())
      ledger.place(opened)
      await commit()
      return ledger.get(opened)
    },
    async forget(ref) {
      ledger.forget(ref)
      await commit()
    },
  }
}
