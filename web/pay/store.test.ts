import { expect, test } from 'vitest'
import { screenOf, type PayState } from './state.ts'
import { createStore } from './store.ts'

const HOUR_MS = 3_600_000

const PAID = {
  id: 'o1',
  outTradeNo: 'T1',
  description: 'tea',
  merchantName: null,
  total: 100,
  status: 'PAID',
  closeReason: null,
  seq: 3,
  expiresAtMs: 0,
  paidAtMs: 0,
} as const

function openStore() {
  const shown: PayState[] = []
  return { store: createStore((state) => void shown.push(state)), shown }
}

test('the first state is shown at once, and then every other one, and none twice', () => {
  const { store, shown } = openStore()
  expect(shown).toEqual([store.state()])
  store.dispatch({ kind: 'link-refused' })
  store.dispatch({ kind: 'order', order: PAID })
  store.dispatch({ kind: 'link-refused' })
  expect(shown.map(screenOf)).toEqual(['loading', 'invalid', 'paid'])
})

test.each([-HOUR_MS, HOUR_MS])("the gateway's clock counts once it is known (%i ms ahead)", (aheadMs) => {
  const { store } = openStore()
  expect(Math.abs(store.now() - Date.now())).toBeLessThan(60_000)
  store.setClock(Date.now() + aheadMs)
  expect(Math.abs(store.now() - Date.now() - aheadMs)).toBeLessThan(60_000)
})
