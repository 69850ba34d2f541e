import { describe, expect, test } from 'vitest'
import { databaseAt } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'
import { hasRedis, openRedis } from '../support/redis.ts'
import { seen, watch } from '../support/watching.ts'

const NEVER = 3_600_000

/** Two gateways on one database: pages watch the first, the platform calls the second. */
async function twoGateways(redisUrl: string, reconcilePauseMs: number) {
  const here = await openGateway({ redisUrl, reconcilePauseMs })
  const database = await databaseAt(here.databaseUri)
  const there = await openGateway({ ...here.parts, database, publicUrl: here.url })
  const notifyThere = (order: Parameters<typeof paidNotice>[1]) =>
    post({ ...here, url: there.url }, paidNotice(here, order))
  return { here, notifyThere }
}

/** Watches an order and waits until it is really being watched. */
async function watched(gateway: TestGateway) {
  const { order, accessToken } = await payableOrder(gateway)
  const stream = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  expect(await stream.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 2, status: 'PENDING' }))
  const paid = stream.next()
  return { order, paid, expected: seen('orderUpdated', { id: order.id, seq: 3, status: 'PAID' }) }
}

describe.skipIf(!hasRedis)('two processes with Redis between them', () => {
  test('a hint is enough: nobody compares anything', async () => {
    const redis = await openRedis()
    const { here, notifyThere } = await twoGateways(redis.url, NEVER)
    const { order, paid, expected } = await watched(here)
    await expect.poll(() => redis.subscribers(`paybell:order:${order.id}`)).toBe(1)
    expect(await notifyThere(order)).toMatchObject({ status: 204 })
    expect(await paid).toEqual(expected)
  })

  test('without Redis the comparison finds it', async () => {
    const redis = await openRedis()
    const { here, notifyThere } = await twoGateways(redis.url, 20)
    const { order, paid, expected } = await watched(here)
    await redis.kill()
    expect(await notifyThere(order)).toMatchObject({ status: 204 })
    expect(await paid).toEqual(expected)
  })

  test('after Redis came back its hints are heard again, also about what was watched before', async () => {
    const redis = await openRedis()
    const { here, notifyThere } = await twoGateways(redis.url, 200)
    const { order, paid, expected } = await watched(here)
    await redis.restart()
    expect(await notifyThere(order)).toMatchObject({ status: 204 })
    expect(await paid).toEqual(expected)
  })

  test('a Redis that was never there keeps nobody from starting', async () => {
    const { here, notifyThere } = await twoGateways('redis://127.0.0.1:1', 20)
    const { order, paid, expected } = await watched(here)
    expect(await notifyThere(order)).toMatchObject({ status: 204 })
    expect(await paid).toEqual(expected)
  })
})
