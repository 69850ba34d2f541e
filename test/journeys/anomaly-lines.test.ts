import { expect, test } from 'vitest'
import { close } from '../support/asking.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder, type OrderView } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'

const TRANSACTION = '4200000000202601010000000001'

type Cause = (gateway: TestGateway, order: OrderView) => Promise<unknown>

function report(changes: object): Cause {
  const payment = { transaction_id: TRANSACTION, ...changes }
  return (gateway, order) => post(gateway, paidNotice(gateway, order, { payment }))
}

const CAUSES: Readonly<Record<string, Cause>> = {
  AMOUNT_MISMATCH: report({ amount: { total: 77, currency: 'CNY' } }),
  MERCHANT_MISMATCH: report({ mchid: '1900000000' }),
  PAID_BEFORE_ORDER: report({ success_time: '2020-01-01T00:00:00+08:00' }),
  async PAID_AFTER_CLOSE(gateway, order) {
    await close(gateway, order.id)
    await report({})(gateway, order)
  },
  async DUPLICATE_PAYMENT(gateway, order) {
    await post(gateway, paidNotice(gateway, order))
    await report({})(gateway, order)
  },
  async TRANSACTION_REUSED(gateway, order) {
    const { order: other } = await payableOrder(gateway)
    await report({})(gateway, other)
    await report({})(gateway, order)
  },
}

test.each(Object.entries(CAUSES))(
  'a new %s is one error line that says which order and what to do, and nothing personal',
  async (kind, cause) => {
    const { log, lines } = recordedLog()
    const gateway = await openGateway({ log })
    const { order } = await payableOrder(gateway)
    await cause(gateway, order)
    // The same fact again is no further line.
    await report({})(gateway, order).catch(() => undefined)
    const errors = lines.filter(
      ({ level, fields }) => level === 'error' && 'kind' in fields && fields.kind === kind,
    )
    expect(errors).toEqual([
      {
        level: 'error',
        fields: expect.objectContaining({
          merchantId: 'acme',
          outTradeNo: order.outTradeNo,
          orderId: order.id,
          kind,
        }),
        message: expect.stringMatching(
          new RegExp(`^An anomaly of order ${order.outTradeNo}: .+ What to do: .+\\.$`),
        ),
      },
    ])
    expect(JSON.stringify(errors)).not.toContain('o-payer-1')
  },
)
