import { expect, test, vi } from 'vitest'
import { CIRCUIT_BREAKER_LIMITS } from '../../src/platforms/wechatpay/circuit-breaker.ts'
import {
  close,
  confirm,
  loseNotifications,
  notePlatformCalls,
  payAtPlatform,
  readEnd,
} from '../support/asking.ts'
import { openGateway, type GatewayChanges, type TestGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { recordedLog } from '../support/recorded-log.ts'

const HOUR_MS = 3_600_000
const SLOW_MS = 8000
const TIMEOUT_MS = 120_000
const PATIENCE = { timeout: 60_000, interval: 20 }

/** More than a round finds, keeps, or asks about at the same time. */
const MANY = 350

/** A gateway whose sweep runs, and that gets no notification of a payment. */
async function sweepingGateway(changes: GatewayChanges = {}) {
  const gateway = await openGateway({ roundPauses: { orders: 20, inbox: HOUR_MS }, ...changes })
  loseNotifications(gateway)
  return { gateway, calls: notePlatformCalls(gateway) }
}

/** Fewer than there are connections to the database. */
const AT_ONCE = 20

/** Copies an order, each with a number of its own and due since then. */
async function manyDue({ parts }: TestGateway, id: string, count: number) {
  const { orders } = parts.database
  const dueAt = new Date(parts.now().getTime() - HOUR_MS)
  const found = await orders.byId(id)
  if (found === undefined) throw new Error('The order is gone.')
  const stored = found
  const numbers = Array.from({ length: count }, (_, index) => `T-due-${index}`)
  async function insert(outTradeNo: string): Promise<void> {
    const named = <T extends object>(one: T): T => ({ ...one, platformTradeNo: outTradeNo })
    const { attempts, numbers } = { attempts: stored.attempts.map(named), numbers: stored.numbers.map(named) }
    const copy = { ...stored, id: `${id}-${outTradeNo}`, outTradeNo, attempts, numbers }
    await orders.insert(copy, { dueAt, rung: 0 })
  }
  for (let start = 0; start < count; start += AT_ONCE)
    await Promise.all(numbers.slice(start, start + AT_ONCE).map(insert))
  return { numbers, dueAt }
}

async function dueOf(gateway: TestGateway) {
  const choice = { limit: 1000, merchants: [gateway.otherMerchant.id] }
  return gateway.parts.database.orders.due(gateway.parts.now(), choice)
}

test(
  'a merchant whose platform account is slow does not delay the payments of another',
  async () => {
    const { gateway, calls } = await sweepingGateway()
    const { order } = await payableOrder(gateway)
    const theirs = await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)
    await payAtPlatform(gateway, order)
    const target = { mchId: gateway.otherMerchant.mchId, call: 'query' } as const
    const slow = gateway.simulator.faults.add({ kind: 'slow', ms: SLOW_MS, times: 'always', target })
    const { numbers } = await manyDue(gateway, theirs.order.id, MANY)
    await vi.waitFor(() => expect(calls.length).toBeGreaterThan(0), PATIENCE)
    gateway.advanceAll(30_000)
    await expect.poll(async () => (await readEnd(gateway, order.id)).status, PATIENCE).toBe('PAID')
    // All of the slow merchant's orders were due before, and most of them still are.
    const asked = new Set(calls.map(({ tradeNo }) => tradeNo).filter((no) => numbers.includes(no)))
    const fault = gateway.simulator.faults.list().find(({ id }) => id === slow.id)
    expect(asked.size).toBeLessThan(MANY / 2)
    expect(fault?.underWay).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)

/** Pauses so short that a test can wait for them. */
const LIMITS: GatewayChanges['callLimits'] = {
  deadlineMs: 2000,
  breakerLimits: {
    ...CIRCUIT_BREAKER_LIMITS,
    silentCalls: 3,
    silent: { firstMs: 3000, longestMs: 3000 },
    limited: { firstMs: 3000, longestMs: 3000 },
  },
}

const FAULTS = [
  ['is not answered', { kind: 'drop-before' }, /gave no usable answer .* was not sent; try again in/],
  ['is limited', { kind: 'error', status: 429, code: 'RATELIMIT_EXCEEDED' }, /limits the calls/],
] as const

test.each(FAULTS)(
  'what is due of an account that %s stays due, and is asked about when the account answers again',
  async (_what, kind, sentence) => {
    const { log, lines } = recordedLog()
    const { gateway, calls } = await sweepingGateway({ callLimits: LIMITS, log })
    const { id, mchId, apiKey } = gateway.otherMerchant
    const { order, accessToken } = await payableOrder(gateway, {}, apiKey)
    const fault = gateway.simulator.faults.add({ ...kind, times: 'always', target: { mchId } })
    const { numbers, dueAt } = await manyDue(gateway, order.id, 40)
    const linesOf = (message: string) => lines.filter((line) => line.message === message)
    const hasPaused = () => expect(linesOf('calls to the platform are paused')).toHaveLength(1)
    await vi.waitFor(hasPaused, PATIENCE)

    const answers = [
      await confirm(gateway, order.id, accessToken),
      await startPayment(gateway, { orderId: order.id, payment: payer('o-other') }, accessToken),
      await close(gateway, order.id, apiKey),
    ]
    for (const { __typename, message } of answers) {
      expect(__typename).toBe('PlatformUnavailable')
      expect(message).toMatch(sentence)
    }
    const asked = (): ReadonlySet<string> => new Set(calls.map(({ tradeNo }) => tradeNo))
    const before = asked()
    const waiting = (await dueOf(gateway)).filter(({ order }) => !before.has(order.outTradeNo))
    expect(waiting.length).toBeGreaterThan(numbers.length / 2)
    for (const due of waiting) expect(due).toMatchObject({ dueAt, rung: 0 })
    const [paused] = linesOf('calls to the platform are paused')
    expect(paused).toMatchObject({ level: 'warn', fields: { merchantId: id, platform: 'WECHATPAY' } })

    gateway.simulator.faults.remove(fault.id)
    const areAllAsked = () => expect(numbers.filter((tradeNo) => !asked().has(tradeNo))).toEqual([])
    await vi.waitFor(areAllAsked, PATIENCE)
    expect(linesOf('calls to the platform are sent again')).toMatchObject([
      { level: 'info', fields: { merchantId: id } },
    ])
  },
  TIMEOUT_MS,
)
