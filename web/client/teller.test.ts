import { expect, test } from 'vitest'
import type { WatchedOrder } from './order.ts'
import { createTeller } from './teller.ts'

function orderAt(seq: number, status: WatchedOrder['status'] = 'PENDING'): WatchedOrder {
  return {
    id: 'o1',
    outTradeNo: 'T1',
    description: 'tea',
    merchantName: null,
    status,
    closeReason: null,
    seq,
    amount: { total: 100, currency: 'CNY' },
    expiresAt: '2026-01-31T11:00:00+08:00',
    paidAt: null,
    transactionId: null,
  }
}

function openTeller(onChange: () => void = () => undefined) {
  const said: string[] = []
  const teller = createTeller(
    {
      onChange(order) {
        said.push(`${order.seq} ${order.status}`)
        onChange()
      },
      onEnd: (why) => void said.push(why),
    },
    () => void said.push('released'),
  )
  return { teller, said }
}

test('of what comes, only what is newer is said', () => {
  const { teller, said } = openTeller()
  for (const seq of [2, 1, 2, 3]) teller.offer(orderAt(seq))
  expect(said).toEqual(['2 PENDING', '3 PENDING'])
})

test('paid is the end, and everything is released before it is said', () => {
  const { teller, said } = openTeller()
  teller.offer(orderAt(3, 'PAID'))
  teller.end('refused')
  expect(said).toEqual(['released', '3 PAID', 'paid'])
})

test('stopped, it says nothing any more', () => {
  const { teller, said } = openTeller()
  teller.stop()
  teller.offer(orderAt(1))
  teller.end('closed')
  expect([said, teller.isStopped, teller.hasEnded]).toEqual([['released'], true, true])
})

test('a listener that stops it at the last change is not told of the end', () => {
  const { teller, said } = openTeller(() => teller.stop())
  teller.offer(orderAt(3, 'PAID'))
  expect(said).toEqual(['released', '3 PAID'])
})

test('an order that changes after the end is still said', () => {
  const { teller, said } = openTeller()
  teller.end('closed')
  teller.offer(orderAt(4, 'PAID'))
  expect(said).toEqual(['released', 'closed', '4 PAID'])
})
