import { expect, test } from 'vitest'
import { decideCreation } from '../../src/domain/decide.ts'
import { fold } from '../../src/domain/evolve.ts'
import { toFen } from '../../src/domain/money.ts'
import { newOrderId } from '../../src/models/order-record.ts'
import { databaseAt, lookInto } from '../support/database.ts'
import { readFeed } from '../support/feed.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { orderDocument } from '../query-plans/many-documents.ts'

/** More than 333 changes a second for the 30 seconds that a look goes back. */
const CROWD = 12_000
const CROWD_MS = 20_000
const LATE_MS = 25_000

/** Stores orders of another merchant as many writers would have done within the last seconds. */
async function storeCrowd({ databaseUri, parts }: TestGateway): Promise<void> {
  const { clock } = parts.database
  const documents = Array.from({ length: CROWD }, (_, index) => ({
    ...orderDocument(index),
    merchantId: 'brew',
    storedAt: clock.ago((CROWD_MS * index) / CROWD),
  }))
  await lookInto(databaseUri, (database) =>
    database.collection<{ _id: string }>('orders').insertMany(documents, { ordered: false }),
  )
}

/** What a writer stores in another process that was stamped long before, because its write hung. */
async function storeLate({ databaseUri, parts }: TestGateway): Promise<string> {
  const now = new Date()
  const identity = { orderId: newOrderId(now), merchantId: 'acme' }
  const request = {
    outTradeNo: 'T-written-late',
    description: '龙井 Longjing tea',
    amount: { total: toFen(100), currency: 'CNY' },
    expiresAt: new Date(now.getTime() + CROWD_MS),
    metadata: null,
  } as const
  const storedAt = parts.database.clock.ago(LATE_MS)
  const order = fold([{ ...decideCreation(identity, request, now), storedAt }])
  const elsewhere = await databaseAt(databaseUri)
  expect(await elsewhere.orders.insert(order, null)).toBe(true)
  return order.id
}

test('an event that was written late is told, however many orders have changed since it was stamped', async () => {
  const gateway = await openGateway({ reconcilePauseMs: 20 })
  const feed = await readFeed(gateway, 'acme')
  await storeCrowd(gateway)
  const id = await storeLate(gateway)
  await expect.poll(() => feed.of(id)).toEqual([1])
  expect(feed.errors).toEqual([])
})
