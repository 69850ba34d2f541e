import { expect, test } from 'vitest'
import { decideCreation } from '../domain/decide.ts'
import { fold } from '../domain/evolve.ts'
import { toFen } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import { createHub } from './hub.ts'
import { watchOrder } from './watch.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const first = fold([
  decideCreation(
    { orderId: 'ord_1', merchantId: 'acme' },
    {
      outTradeNo: 'T00001',
      description: 'tea',
      amount: { total: toFen(100), currency: 'CNY' },
      expiresAt: NOW,
      metadata: null,
    },
    NOW,
  ),
])
const at = (seq: number): Order => ({ ...first, seq })

async function watching(read: () => Promise<Order | undefined>, more = {}) {
  const hub = createHub()
  const stream = await watchOrder('ord_1', { hub, read, ...more })
  if (stream === undefined) throw new Error('There is nothing to watch.')
  return { hub, stream }
}

test('the order as it is now comes first, then what happens', async () => {
  const { hub, stream } = await watching(async () => at(1))
  expect((await stream.next()).value).toMatchObject({ seq: 1 })
  const next = stream.next()
  hub.announce(at(2))
  expect((await next).value).toMatchObject({ seq: 2 })
})

test('a change while the order is being read is not missed, and the older reading is not told after it', async () => {
  const hub = createHub()
  const stream = await watchOrder('ord_1', {
    hub,
    read: async () => {
      hub.announce(at(2))
      return at(1)
    },
  })
  expect((await stream?.next())?.value).toMatchObject({ seq: 2 })
  const next = stream?.next()
  hub.announce(at(3))
  expect((await next)?.value).toMatchObject({ seq: 3 })
})

test('a slow reader is told the newest state only', async () => {
  const { hub, stream } = await watching(async () => at(1))
  for (const seq of [2, 3, 4]) hub.announce(at(seq))
  expect((await stream.next()).value).toMatchObject({ seq: 4 })
})

test('what a newcomer reads is told to those who have watched for longer', async () => {
  const { hub, stream } = await watching(async () => at(1))
  await stream.next()
  const next = stream.next()
  await watchOrder('ord_1', { hub, read: async () => at(2) })
  expect((await next).value).toMatchObject({ seq: 2 })
})

test('what is announced late is not told', async () => {
  const { hub, stream } = await watching(async () => at(5))
  await stream.next()
  hub.announce(at(4))
  const next = stream.next()
  hub.announce(at(6))
  expect((await next).value).toMatchObject({ seq: 6 })
})

test('after the last order the stream is done and nobody listens', async () => {
  const { hub, stream } = await watching(async () => at(1), { isLast: ({ seq }: Order) => seq === 2 })
  hub.announce(at(2))
  hub.announce(at(3))
  expect((await stream.next()).value).toMatchObject({ seq: 2 })
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(hub.size).toBe(0)
})

test('leaving before the first order leaves no listener', async () => {
  const { hub, stream } = await watching(async () => at(1))
  await stream.return?.()
  expect(hub.size).toBe(0)
})

test('leaving ends a pending read', async () => {
  const { stream } = await watching(async () => at(1), { isWanted: () => false })
  const pending = stream.next()
  await stream.return?.()
  expect(await pending).toEqual({ done: true, value: undefined })
})

test('the stream ends when the right to watch does', async () => {
  const { hub, stream } = await watching(async () => at(1), { endsInMs: 0 })
  await stream.next()
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(hub.size).toBe(0)
})

test.each([
  ['there is no order', async () => undefined],
  [
    'reading fails',
    async () => {
      throw new Error('The database is gone.')
    },
  ],
])('nobody is left listening when %s', async (_what, read) => {
  const hub = createHub()
  await watchOrder('ord_1', { hub, read }).catch(() => undefined)
  expect(hub.size).toBe(0)
})
