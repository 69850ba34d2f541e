import { expect } from 'vitest'
import type { TestGateway } from './gateway.ts'
import { subscriber } from './graphql.ts'
import { paidNotice, post } from './notification.ts'
import { createdOrder } from './orders.ts'

/** The subscription of operators, by its few fields that tests look at. */
export const FEED =
  'subscription ($merchantId: String) { operatorFeed(merchantId: $merchantId) { orderId seq type } }'

interface FeedEvent {
  readonly orderId: string
  readonly seq: number
}

/** Reads the feed for as long as the test takes, and waits until an order of each writer is told. */
export async function readFeed(
  gateway: TestGateway,
  merchantId?: string,
  writers: readonly TestGateway[] = [gateway],
) {
  const told: FeedEvent[] = []
  const errors: unknown[] = []
  const stream = subscriber(gateway.url, gateway.operatorKey).iterate<{ operatorFeed: FeedEvent }>({
    query: FEED,
    variables: { merchantId },
  })
  const reading = (async () => {
    for await (const { data, errors: refused } of stream) {
      if (data?.operatorFeed) told.push(data.operatorFeed)
      errors.push(...(refused ?? []))
    }
  })()
  const of = (id: string) => told.filter(({ orderId }) => orderId === id).map(({ seq }) => seq)
  // What happened before is not told, and the hints of a writer begin to arrive only when both of its connections are open.
  for (const writer of writers) {
    const made: string[] = []
    await expect
      .poll(
        async () => {
          made.push((await createdOrder(writer)).order.id)
          return made.some((id) => of(id).length > 0)
        },
        { interval: 20 },
      )
      .toBe(true)
  }
  return { told, errors, reading, of, leave: async () => stream.return?.() }
}

/** Pays an order by a notification to this gateway, signed by its clock. */
export async function payByNotification(gateway: TestGateway, order: Parameters<typeof paidNotice>[1]) {
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
}
