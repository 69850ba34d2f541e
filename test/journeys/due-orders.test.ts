import mongoose from 'mongoose'
import { expect, onTestFinished, test } from 'vitest'
import { close } from '../support/asking.ts'
import { lookInto } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'

type Found = Readonly<{ filter: object; options: object }>

/** What is asked of the database from now on, as it is asked. */
function noteFinds(): readonly Found[] {
  const finds: Found[] = []
  mongoose.set('debug', (...[, method, filter, options]: readonly [string, string, object, object]) => {
    if (method === 'find') finds.push({ filter, options })
  })
  onTestFinished(() => void mongoose.set('debug', false))
  return finds
}

/** How many orders the database fetches to say which are due, and which these are. */
async function lookForDue({ parts, databaseUri }: TestGateway, except: readonly string[]) {
  const finds = noteFinds()
  const due = await parts.database.orders.due(parts.now(), { limit: 200, except })
  const [find] = finds
  if (find === undefined) throw new Error('Nothing was asked of the database.')
  const { executionStats } = await lookInto(databaseUri, (database) =>
    database.collection('orders').find(find.filter, find.options).explain('executionStats'),
  )
  return { due: due.map(({ order }) => order.id), fetched: executionStats.totalDocsExamined }
}

/** A gateway with two due orders, one of each merchant, and others that wait for nothing. */
async function withDueOrders() {
  const gateway = await openGateway()
  for (let made = 0; made < 5; made += 1) await close(gateway, (await payableOrder(gateway)).order.id)
  const { order } = await payableOrder(gateway)
  const { order: theirs } = await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)
  gateway.advance(30_000)
  return { gateway, order, theirs }
}

test('looking for due orders fetches no order that is not due', async () => {
  const { gateway, order, theirs } = await withDueOrders()
  expect(await lookForDue(gateway, [])).toEqual({ due: [order.id, theirs.id], fetched: 2 })
})

test('the due orders of merchants that are left out are not fetched', async () => {
  const { gateway, order } = await withDueOrders()
  const except = [gateway.otherMerchant.atGateway.id]
  expect(await lookForDue(gateway, except)).toEqual({ due: [order.id], fetched: 1 })
})
