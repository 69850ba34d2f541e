import { expect, test } from 'vitest'
import { DEFAULT_STREAM_LIMITS } from '../../operations/stream-limits.ts'
import { createSeats } from './seats.ts'

const TOKEN = {
  kind: 'order-holder',
  orderId: 'ord_1',
  merchantId: 'acme',
  expiresAt: new Date('2026-01-01T00:00:00Z'),
} as const
const MERCHANT = { kind: 'merchant', merchantId: 'acme' } as const

const seats = () =>
  createSeats({
    ...DEFAULT_STREAM_LIMITS,
    connectionsPerToken: 2,
    subscriptionsPerToken: 1,
    keyFactor: 3,
  })

test('a stream that is given back twice makes room for one', () => {
  const { connection } = seats()
  const [release] = [connection(TOKEN), connection(TOKEN)]
  release?.()
  release?.()
  connection(TOKEN)
  expect(() => connection(TOKEN)).toThrow('One token may have 2 streams at once')
})

test('a key may have so many times as much as a token', () => {
  const { connection, subscription } = seats()
  for (let count = 0; count < 6; count += 1) connection(MERCHANT)
  expect(() => connection(MERCHANT)).toThrow('6 streams')
  for (let count = 0; count < 3; count += 1) subscription(MERCHANT)
  expect(() => subscription(MERCHANT)).toThrow('3 operations')
})

test('all tokens of one order are one holder, and those of another order are not', () => {
  const { subscription } = seats()
  subscription(TOKEN)
  expect(() => subscription({ ...TOKEN, expiresAt: new Date(0) })).toThrow('1 operations')
  expect(() => subscription({ ...TOKEN, orderId: 'ord_2' })).not.toThrow()
})
