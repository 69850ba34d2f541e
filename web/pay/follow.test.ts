import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openGateway } from '../../test/support/gateway.ts'
// Declares what the suite provides to the support of its tests.
import '../../test/support/global-setup.ts'
import { openNetwork } from '../../test/support/network.ts'
import { payableOrder } from '../../test/support/orders.ts'
import { follow } from './follow.ts'
import { screenOf } from './state.ts'
import { createStore } from './store.ts'

interface Surroundings {
  /** By how much the clock of the gateway is ahead of the phone's. */
  readonly aheadMs?: number
  /** That of the order when absent. */
  readonly token?: string
  readonly isCutOff?: boolean
}

/** A page that follows an order. */
async function openPage({ aheadMs = 0, token, isCutOff = false }: Surroundings) {
  vi.stubGlobal('WebSocket', WebSocket)
  onTestFinished(() => void vi.unstubAllGlobals())
  const gateway = await openGateway()
  const { accessToken } = await payableOrder(gateway)
  const network = await openNetwork(gateway.url)
  network.shiftClock(aheadMs)
  if (isCutOff) network.block('http', 'websocket', 'sse', 'long-poll')
  const store = createStore(() => undefined)
  const watch = follow({ store, url: network.url, token: token ?? accessToken })
  onTestFinished(() => watch.stop())
  return { network, store, screen: () => screenOf(store.state()) }
}

test('an order is not expired because the clock of the phone is wrong', async () => {
  const { store, screen } = await openPage({ aheadMs: -3 * 3_600_000 })
  await expect.poll(screen).toBe('waiting')
  expect(Math.abs(store.state().nowMs - Date.now() + 3 * 3_600_000)).toBeLessThan(60_000)
})

test('an order that has expired by the time of the gateway is shown as expired', async () => {
  const { screen } = await openPage({ aheadMs: 3 * 3_600_000 })
  await expect.poll(screen).toBe('expired')
})

test('a link that the gateway does not accept is shown as such, and not as a lost connection', async () => {
  const { network, store, screen } = await openPage({ token: 'nobody-issued-this', isCutOff: true })
  await expect.poll(screen).toBe('offline')
  network.block()
  await expect.poll(screen).toBe('invalid')
  expect(store.state().connection).toBe('online')
})
