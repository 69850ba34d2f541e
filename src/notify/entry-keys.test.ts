import { expect, test } from 'vitest'
import { toFen } from '../domain/money.ts'
import type { PaidFact } from '../domain/payment-fact.ts'
import type { GenuineReading } from '../platforms/platform.ts'
import { entryKeys } from './entry-keys.ts'

const SENDER = { platform: 'WECHATPAY', merchantId: 'acme' } as const
const EXPLANATION = { en: 'It cannot be read.', zh: '无法读取。' }
const NAMES = { notificationId: 'n1', eventType: 'TRANSACTION.SUCCESS' }

const FACT: PaidFact = {
  kind: 'paid',
  source: 'NOTIFY',
  occurredAt: new Date('2026-01-01T00:00:00Z'),
  cause: null,
  platform: 'WECHATPAY',
  platformTradeNo: 'T00001',
  transactionId: '42000001',
  platformState: 'SUCCESS',
  total: toFen(100),
  payerTotal: toFen(90),
  currency: 'CNY',
  payerId: 'o-payer-1',
  payeeMismatch: null,
}

function verified(fact: Partial<PaidFact> = {}): GenuineReading {
  return { verdict: 'VERIFIED', ...NAMES, contentSha256: 'c1', fact: { ...FACT, ...fact } }
}

const UNHANDLED = {
  verdict: 'VERIFIED',
  ...NAMES,
  contentSha256: 'c1',
  fact: null,
  notHandled: EXPLANATION,
  platformTradeNo: null,
} as const
const UNREADABLE = {
  verdict: 'UNREADABLE',
  ...NAMES,
  contentSha256: 'c1',
  platformTradeNo: null,
  reason: 'It cannot be read.',
  explanation: EXPLANATION,
} as const
const UNDECRYPTABLE: GenuineReading = {
  verdict: 'UNDECRYPTABLE',
  ...NAMES,
  reason: 'It cannot be decrypted.',
  explanation: EXPLANATION,
}

interface Delivery {
  readonly sender?: { readonly platform: 'WECHATPAY'; readonly merchantId: string }
  readonly id?: string | null
  readonly body?: string
  readonly reading?: GenuineReading | undefined
}

function keysOf({ sender = SENDER, id = 'n1', body = 'a body', reading = verified() }: Delivery = {}) {
  return entryKeys(sender, id, { body: Buffer.from(body), reading })
}

/** Whether a delivery is counted on the entry that an earlier one made. */
function isFoundBy(stored: Delivery, later: Delivery): boolean {
  return keysOf(later).includes(keysOf(stored)[0])
}

test('a payment that is sealed and written anew is found by what it says', () => {
  const anew = { verdict: 'VERIFIED', ...NAMES, contentSha256: 'c2', fact: FACT } as const
  expect(isFoundBy({}, { body: 'another body', reading: anew })).toBe(true)
})

const OTHERS: readonly Partial<PaidFact>[] = [
  { platformTradeNo: 'T00002' },
  { transactionId: '42000002' },
  { platformState: 'REFUND' },
  { total: toFen(99) },
  { payerTotal: toFen(89) },
  { currency: 'USD' },
  { payerId: 'o-payer-2' },
  { payeeMismatch: 'The money went to another merchant.' },
  { occurredAt: new Date('2026-01-01T00:00:01Z') },
]

test.each(OTHERS)('a payment that differs in %o is another one', (difference) => {
  const fact = { ...FACT, ...difference }
  const reading = { verdict: 'VERIFIED', ...NAMES, contentSha256: 'c2', fact } as const
  expect(isFoundBy({}, { body: 'another body', reading })).toBe(false)
})

test('by which way a payment was reported is no difference', () => {
  const later = verified({ cause: 'ntf_1', source: 'QUERY' })
  expect(keysOf({ reading: later })).toEqual(keysOf())
})

test.each([
  ['another merchant', { sender: { ...SENDER, merchantId: 'beta' } }],
  ['another id', { id: 'n2' }],
  ['no id', { id: null }],
])('the same words of %s are no further delivery', (_what, later) => {
  expect(isFoundBy({}, later)).toBe(false)
  expect(new Set([...keysOf(), ...keysOf(later)]).size).toBe(6)
})

test.each([
  ['not be read', UNREADABLE],
  ['not be handled', UNHANDLED],
] as const)('what could %s is found by its content when it can be, sealed anew', (_what, reading) => {
  expect(isFoundBy({ reading }, { body: 'another body' })).toBe(true)
  expect(isFoundBy({ reading: { ...reading, contentSha256: 'c2' } }, { body: 'another body' })).toBe(false)
})

test('what could not be decrypted is found by its bytes when it can be, and by nothing else', () => {
  expect(isFoundBy({ reading: UNDECRYPTABLE }, {})).toBe(true)
  expect(isFoundBy({ reading: UNDECRYPTABLE }, { reading: UNREADABLE })).toBe(true)
  expect(isFoundBy({ reading: UNDECRYPTABLE }, { body: 'another body' })).toBe(false)
})
