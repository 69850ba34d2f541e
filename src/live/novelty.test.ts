import { expect, test } from 'vitest'
import type { Order } from '../domain/order.ts'
import { createNovelty } from './novelty.ts'

const BEGINNING = Date.UTC(2026, 0, 1)

function at(seconds: number): Date {
  return new Date(BEGINNING + seconds * 1000)
}

/** An order whose events were stored at these seconds after the beginning. */
function orderOf(id: string, ...seconds: readonly number[]): Order {
  const events = seconds.map((second, index) => ({ seq: index + 1, storedAt: at(second), recordedAt: at(0) }))
  return { id, seq: events.length, events, storedAt: events.at(-1)?.storedAt } as unknown as Order
}

const seqsOf = (told: ReturnType<ReturnType<typeof createNovelty>['take']>) =>
  told.map(({ event }) => event.seq)

test('of an order that is not known, what was stored after the beginning is new', () => {
  const novelty = createNovelty(at(0))
  expect(seqsOf(novelty.take(orderOf('a', -5, 1, 2)))).toEqual([2, 3])
  expect(seqsOf(novelty.take(orderOf('a', -5, 1, 2, 3)))).toEqual([4])
})

test('what lies before an event that is old is older, whatever its time says', () => {
  expect(seqsOf(createNovelty(at(0)).take(orderOf('a', 1, -1, 2)))).toEqual([3])
})

test('what is known is not new, and what follows is', () => {
  const novelty = createNovelty(at(0))
  novelty.know({ id: 'a', seq: 2, storedAt: at(2) })
  expect(novelty.isNews({ id: 'a', seq: 2, storedAt: at(2) })).toBe(false)
  expect(novelty.isNews({ id: 'a', seq: 3, storedAt: at(2) })).toBe(true)
  expect(seqsOf(novelty.take(orderOf('a', 1, 2, 3)))).toEqual([3])
})

test('what was stored before a moment is known, and of that moment it is not', () => {
  const novelty = createNovelty(at(0))
  novelty.knowBefore(at(3), orderOf('a', 1, 2, 3))
  expect(seqsOf(novelty.take(orderOf('a', 1, 2, 3)))).toEqual([3])
})

test('forgotten, an order is not told again of what it was told before', () => {
  const novelty = createNovelty(at(0))
  novelty.take(orderOf('a', 1, 2))
  novelty.forget(at(10))
  expect(novelty.isNews({ id: 'a', seq: 2, storedAt: at(2) })).toBe(false)
  expect(seqsOf(novelty.take(orderOf('a', 1, 2, 11)))).toEqual([3])
})

test('what has changed since is remembered, and the rest takes no room', () => {
  const novelty = createNovelty(at(0))
  novelty.take(orderOf('old', 1))
  novelty.take(orderOf('new', 11))
  expect(novelty.size).toBe(2)
  novelty.forget(at(10))
  expect(novelty.size).toBe(1)
  expect(novelty.isNews({ id: 'new', seq: 1, storedAt: at(11) })).toBe(false)
  novelty.forget(at(5))
  expect(novelty.isNews({ id: 'old', seq: 1, storedAt: at(9) })).toBe(false)
})
