import { expect, test, vi } from 'vitest'
import { notePlatformCalls, openSweepingApp, type PlatformCall } from '../support/asking.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'

const ORDERS = 500
const AT_ONCE = 25

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

/** Lets two processes sweep until nothing is due; when they have stopped, nothing is on its way any more. */
async function sweepTogether(gateway: TestGateway): Promise<void> {
  const { database, now } = gateway.parts
  const apps = await Promise.all([openSweepingApp(gateway), openSweepingApp(gateway)])
  await vi.waitFor(async () => expect(await database.orders.due(now(), { limit: 1 })).toEqual([]), {
    interval: 20,
    timeout: 20_000,
  })
  await Promise.all(apps.map((app) => app.close()))
}

test('two processes on one database ask about each of five hundred orders once a rung', async () => {
  const gateway = await openGateway()
  const numbers = await payableOrders(gateway, ORDERS)
  const calls = notePlatformCalls(gateway)
  for (const rung of [0, 1]) {
    // The rungs are 30 and 60 seconds; the orders took a moment to make.
    gateway.advanceAll(60_000 + rung * 1000)
    await sweepTogether(gateway)
    expect(timesAsked(calls)).toEqual(new Map(numbers.map((tradeNo) => [tradeNo, rung + 1])))
  }
}, 60_000)
