import { describe, expect, it } from 'vitest'
import { NOW } from './testing/account.ts'
import { envelopeOf, noticeOf, PAYMENT, seal, signedNotice } from './testing/notice.ts'
import { explanationIn, openAccount } from './testing/reading.ts'

const YEARS_LATER = { deps: { now: () => new Date(NOW.getTime() + 3 * 365 * 24 * 3600 * 1000) } }

function readStored(body: string | Buffer) {
  return openAccount(YEARS_LATER).readStored(Buffer.from(body))
}

/** What is said, with these keys, of a body that was sealed with this one. */
function verdictOf(apiV3Keys: readonly [Buffer, ...Buffer[]], sealedWith: Buffer) {
  const body = JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT), sealedWith)))
  return openAccount({ account: { apiV3Keys } }).readStored(Buffer.from(body)).verdict
}

describe('the body of a stored callback', () => {
  it('is read as it was when it came, long after its timestamp and its key', async () => {
    const notice = noticeOf(PAYMENT)
    const first = await openAccount().readNotification(notice)
    expect(readStored(notice.body)).toEqual(first)
    expect(openAccount({ account: { platformKeys: [] } }).readStored(notice.body)).toEqual(first)
  })

  it('may report something else than a payment', () => {
    const body = JSON.stringify(envelopeOf(seal('{"out_refund_no":"R1"}'), 'REFUND.SUCCESS'))
    expect(readStored(body)).toMatchObject({ verdict: 'VERIFIED', eventType: 'REFUND.SUCCESS', fact: null })
  })

  it('is readable once the APIv3 key is right', () => {
    const rightKey = Buffer.alloc(32, 'x')
    const { body } = signedNotice(JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT), rightKey))))
    const before = readStored(body)
    expect(before).toMatchObject({ verdict: 'UNDECRYPTABLE', eventType: 'TRANSACTION.SUCCESS' })
    explanationIn(before)
    const after = openAccount({ account: { apiV3Keys: [rightKey] } }).readStored(body)
    expect(after).toMatchObject({ verdict: 'VERIFIED', fact: { total: 100 } })
  })

  it('is readable with any of several APIv3 keys, and with none that is not among them', () => {
    const newest = Buffer.alloc(32, 'n')
    const middle = Buffer.alloc(32, 'm')
    const oldest = Buffer.alloc(32, 'o')
    for (const key of [newest, middle, oldest])
      expect(verdictOf([newest, middle, oldest], key)).toBe('VERIFIED')
    expect(verdictOf([newest, middle], oldest)).toBe('UNDECRYPTABLE')
  })

  it.each([
    ['', 'is not JSON', '不是 JSON'],
    ['null', 'it is not a JSON object', '它不是 JSON 对象'],
    ['{}', 'id is missing', 'id 缺失'],
    [JSON.stringify(envelopeOf(seal('hello'))), 'its text is not JSON', '其文本不是 JSON'],
    [
      JSON.stringify(envelopeOf(seal(JSON.stringify({ ...PAYMENT, amount: { total: 0.5 } })))),
      'amount.total is missing',
      'amount.total 缺失',
    ],
  ])('is unreadable, and the explanation says how (%#)', (body, en, zh) => {
    const reading = readStored(body)
    expect(reading.verdict).toBe('UNREADABLE')
    expect(explanationIn(reading).en).toContain(en)
    expect(explanationIn(reading).zh).toContain(zh)
  })
})
