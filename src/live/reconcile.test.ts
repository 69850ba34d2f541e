import { expect, test } from 'vitest'
import type { Order } from '../domain/order.ts'
import { createHub } from './hub.ts'
import { follow, reconcile } from './reconcile.ts'

/** Orders by their seq, and what was read of them. */
function watching(stored: Readonly<Record<string, number>>, listenedTo: readonly string[]) {
  const hub = createHub()
  const told: string[] = []
  for (const id of listenedTo) hub.listen(id, (order) => void told.push(`${order.id} ${order.seq}`))
  const read: string[] = []
  const orderAt = (id: string) => ({ id, seq: stored[id] ?? 0 }) as Order
  const orders = {
    async seqs(ids: readonly string[]) {
      read.push(`seqs ${ids.join(' ')}`)
      return new Map(ids.flatMap((id) => (id in stored ? [[id, stored[id] ?? 0] as const] : [])))
    },
    async byId(id: string) {
      read.push(id)
      return id in stored ? orderAt(id) : undefined
    },
  }
  const know = (id: string, seq: number): void => hub.announce({ ...orderAt(id), seq })
  return { parts: { hub, orders }, told, read, know }
}

test('of all orders that are listened to, those are read that have gone further', async () => {
  const { parts, told, read, know } = watching({ a: 2, b: 3, c: 1 }, ['a', 'b', 'gone'])
  know('a', 2)
  know('b', 2)
  told.length = 0
  expect(await reconcile(parts)).toBe(1)
  expect([told, read]).toEqual([['b 3'], ['seqs a b gone', 'b']])
})

test('where nothing is listened to, nothing is read', async () => {
  const { parts, read } = watching({ a: 2 }, [])
  expect([await reconcile(parts), read]).toEqual([0, []])
})

test('a hint is followed when it says more than is known of an order that is listened to', async () => {
  const { parts, told, read, know } = watching({ a: 3, b: 1 }, ['a'])
  know('a', 2)
  told.length = 0
  await follow(parts, 'a', 2)
  await follow(parts, 'b', 1)
  expect(read).toEqual([])
  await follow(parts, 'a', 3)
  expect([told, read]).toEqual([['a 3'], ['a']])
})
