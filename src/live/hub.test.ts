import { expect, test } from 'vitest'
import type { Order } from '../domain/order.ts'
import { createHub } from './hub.ts'

const orderAt = (id: string, seq: number) => ({ id, seq }) as Order

function ignore(): void {}

test('attention begins with the first listener of an order and ends with the last one', () => {
  const said: string[] = []
  const hub = createHub({
    begin: (id) => void said.push(`begin ${id}`),
    end: (id) => void said.push(`end ${id}`),
  })
  const [stopFirst, stopSecond] = [hub.listen('a', ignore), hub.listen('a', () => undefined)]
  stopFirst()
  stopFirst()
  expect([said, hub.size]).toEqual([['begin a'], 1])
  stopSecond()
  expect([said, hub.size]).toEqual([['begin a', 'end a'], 0])
})

test('what is known of an order never goes back, and is forgotten with its last listener', () => {
  const hub = createHub()
  const stop = hub.listen('a', ignore)
  hub.announce(orderAt('a', 3))
  hub.announce(orderAt('a', 2))
  expect([hub.known('a'), [...hub.watched()]]).toEqual([3, [['a', 3]]])
  stop()
  expect([hub.known('a'), [...hub.watched()]]).toEqual([undefined, []])
})

test('listeners to all orders are told of those that nobody else listens to, until they stop', () => {
  const hub = createHub()
  const told: string[] = []
  const stop = hub.listenToAll(({ id }) => void told.push(id))
  hub.announce(orderAt('a', 1))
  stop()
  hub.announce(orderAt('b', 1))
  expect(told).toEqual(['a'])
})
