import { expect, test } from 'vitest'
import { recordedLog } from '../../test/support/recorded-log.ts'
import { decideCreation, type LeftOut } from '../domain/decide.ts'
import { fold } from '../domain/evolve.ts'
import { toFen } from '../domain/money.ts'
import { createLeftOutLines } from './left-out-lines.ts'

const AT = new Date('2026-01-01T00:00:00Z')
const amount = { total: toFen(100), currency: 'CNY' } as const
const request = { outTradeNo: 'T00001', description: 'tea', amount, expiresAt: AT, metadata: null }

const order = fold([decideCreation({ orderId: 'ord_1', merchantId: 'acme' }, request, AT)])

function leftOut(transactionId: string, kind: LeftOut['kind'] = 'AMOUNT_MISMATCH'): LeftOut {
  return {
    kind,
    detail: 'It is not believed.',
    payment: {
      platform: 'WECHATPAY',
      platformTradeNo: 'T00001',
      transactionId,
      platformState: 'SUCCESS',
      total: toFen(1),
      currency: 'CNY',
      payerTotal: null,
      payerId: 'o-payer-1',
      paidAt: AT,
    },
  }
}

test('a payment has one line for each order and each kind', () => {
  const { log, lines } = recordedLog()
  const { write } = createLeftOutLines(log)
  for (let time = 0; time < 2; time += 1) {
    write(order, leftOut('1'))
    write(order, leftOut('2'))
    write(order, leftOut('1', 'MERCHANT_MISMATCH'))
    write({ ...order, id: 'ord_2' }, leftOut('1'))
  }
  expect(lines.map(({ level }) => level)).toEqual(['error', 'error', 'error', 'error'])
})

test('of very many payments the oldest are forgotten', () => {
  const { log, lines } = recordedLog()
  const { write } = createLeftOutLines(log)
  for (let index = 0; index <= 10_000; index += 1) write(order, leftOut(String(index)))
  write(order, leftOut('10000'))
  write(order, leftOut('1'))
  expect(lines).toHaveLength(10_001)
  write(order, leftOut('0'))
  expect(lines).toHaveLength(10_002)
})
