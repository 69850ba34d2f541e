import { describe, expect, it } from 'vitest'
import { namedTradeNo } from './named-trade-no.ts'
import { createResourceOpener } from './resource-cipher.ts'
import { API_V3_KEY } from './testing/account.ts'
import { envelopeOf, PAYMENT, seal } from './testing/notice.ts'

const open = createResourceOpener([API_V3_KEY])
const NO = PAYMENT.out_trade_no

describe('the number that a notification names', () => {
  it.each([
    ['inside the encryption', JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT))))],
    ['inside the encryption, with a flaw', JSON.stringify({ resource: seal(`{"out_trade_no": "${NO}`) })],
    ['in JSON that is not encrypted', JSON.stringify({ resource: PAYMENT })],
    ['in JSON inside a string', JSON.stringify({ resource: JSON.stringify(PAYMENT) })],
    ['in JSON with white space', JSON.stringify(PAYMENT, null, 2)],
    ['in XML', `<xml><out_trade_no><![CDATA[${NO}]]></out_trade_no></xml>`],
    ['in plain XML', `<xml><out_trade_no>${NO}</out_trade_no></xml>`],
    ['in a form', `transaction_id=42000001&out_trade_no=${NO}&total=1`],
  ])('is found %s', (_where, body) => {
    expect(namedTradeNo(Buffer.from(body), open)).toBe(NO)
  })

  it.each([
    '',
    'null',
    '{"out_trade_no":null}',
    '{"combine_out_trade_no":"C1"}',
    '{"out_trade_no_2":"T1"}',
    JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT), Buffer.alloc(32, 'x')))),
  ])('is not there: %s', (body) => {
    expect(namedTradeNo(Buffer.from(body), open)).toBeNull()
  })

  it('is bounded, and found without a search that grows with the square of the body', () => {
    const long = Buffer.from(`out_trade_no${'"'.repeat(30_000)} `.repeat(2))
    expect(namedTradeNo(long, open)).toBeNull()
    expect(namedTradeNo(Buffer.from(`"out_trade_no":"${'9'.repeat(9000)}"`), open)).toHaveLength(64)
  })
})
