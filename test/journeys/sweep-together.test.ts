import { expect, test, vi } from 'vitest'
import { notePlatformCalls, openSweepingApp, type PlatformCall } from '../support/asking.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'

const ORDERS = 500
const AT_ONCE = 25
/** Longer than the test may take, so that no order is due again while the others are asked about. */
const RUNG_SECONDS = 600
const TIMEOUT_MS = 240_000

async function payableOrders(gateway: TestGateway, count: number): Promise<readonly string[]> {
  const numbers: string[] = []
  async function create(): Promise<void> {
    while (numbers.length < count) {
      const index = numbers.push('') - 1
      const { order } = await payableOrder(gateway)
      numbers[index] = order.outTradeNo
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, create))
  return numbers
}

function timesAsked(calls: readonly PlatformCall[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const { tradeNo } of calls) times.set(tradeNo, (times.get(tradeNo) ?? 0) + 1)
  return times
}

/** Lets two processes sweep until nothing is due and so many questions have arrived at the platform. */
async function sweepTogether(gateway: TestGateway, calls: readonly PlatformCall[], most: number) {
  const { database, now } = gateway.parts
  const apps = await Promise.all([openSweepingApp(gateway), openSweepingApp(gateway)])
  await vi.waitFor(
    async () => {
      expect(calls.length).toBeGreaterThanOrEqual(most)
      expect(await database.orders.due(now(), { limit: 1, merchants: ['acme'] })).toEqual([])
    },
    { interval: 20, timeout: TIMEOUT_MS },
  )
  await Promise.all(apps.map((app) => app.close()))
}

test(
  'two processes on one database ask about each of five hundred orders once a rung',
  async () => {
    const gateway = await openGateway({ checkLadderSeconds: [RUNG_SECONDS] })
    const numbers = await payableOrders(gateway, ORDERS)
    const calls = notePlatformCalls(gateway)
    for (const rung of [0, 1]) {
      gateway.advanceAll(RUNG_SECONDS * 1000)
      await sweepTogether(gateway, calls, ORDERS * (rung + 1))
      expect(timesAsked(calls)).toEqual(new Map(numbers.map((tradeNo) => [tradeNo, rung + 1])))
    }
  },
  TIMEOUT_MS,
)
