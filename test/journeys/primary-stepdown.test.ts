import { expect, test } from 'vitest'
import { sweep } from '../../src/orders/sweep.ts'
import { roundPorts } from '../support/asking.ts'
import { freshDatabaseUri, rowsOf } from '../support/database.ts'
import { faultyDatabase, type DatabaseFault, type Document } from '../support/faulty-database.ts'
import { FEED } from '../support/feed.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql, graphqlOverWebsocket, type Said } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { orderInput, payableOrder, readOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { EVENTS, graphqlOverSse, longPoll } from '../support/streams.ts'

const HOUR_MS = 60 * 60 * 1000

type Fault = (command: Document) => DatabaseFault | undefined

/** A gateway whose database answers as the fault of the moment says; none at first. */
async function faultyGateway() {
  const faults: Fault[] = []
  const uri = freshDatabaseUri()
  const databaseUri = await faultyDatabase(uri, (command) => {
    for (const fault of faults) {
      const found = fault(command)
      if (found !== undefined) return found
    }
    return undefined
  })
  const gateway = await openGateway({ databaseUri })
  return {
    gateway,
    uri,
    inject: (fault: Fault) => void faults.push(fault),
    heal: () => void faults.splice(0),
  }
}

interface Failure {
  readonly code: number
  readonly codeName: string
  readonly label?: string
}

/** The reply of a server that does not execute a command. */
function failure({ code, codeName, label }: Failure): Document {
  const errorLabels = label === undefined ? [] : [label]
  return { ok: 0, code, codeName, errmsg: `${codeName} happened.`, errorLabels }
}

const ORDERS = ['find', 'aggregate', 'update', 'insert', 'findAndModify']

/** Answers every command about orders like this. */
function always(reply: Document): Fault {
  return (command) => (ORDERS.some((name) => command[name] === 'orders') ? { reply } : undefined)
}

const READ = 'query ($id: ID!) { order(id: $id) { id } }'

function codeIn({ errors }: Pick<Said<unknown>, 'errors'>): string | undefined {
  return errors[0]?.extensions?.code
}

const TROUBLES: readonly Failure[] = [
  { code: 10_107, codeName: 'NotWritablePrimary', label: 'RetryableWriteError' },
  { code: 189, codeName: 'PrimarySteppedDown', label: 'RetryableWriteError' },
  { code: 11_602, codeName: 'InterruptedDueToReplStateChange' },
  { code: 11_600, codeName: 'InterruptedAtShutdown' },
  { code: 13_435, codeName: 'NotPrimaryNoSecondaryOk' },
  { code: 13_436, codeName: 'NotPrimaryOrSecondary' },
  { code: 10_058, codeName: 'LegacyNotPrimary' },
  { code: 91, codeName: 'ShutdownInProgress' },
  { code: 50, codeName: 'MaxTimeMSExpired' },
  { code: 262, codeName: 'ExceededTimeLimit' },
  { code: 134, codeName: 'ReadConcernMajorityNotAvailableYet' },
  { code: 100, codeName: 'UnsatisfiableWriteConcern' },
  { code: 14_031, codeName: 'OutOfDiskSpace' },
  { code: 1, codeName: 'anything with the label RetryableWriteError', label: 'RetryableWriteError' },
  {
    code: 1,
    codeName: 'anything with the label TransientTransactionError',
    label: 'TransientTransactionError',
  },
]

test.each(TROUBLES)('what a server says with the code $code is UNAVAILABLE', async (trouble) => {
  const { gateway, inject, heal } = await faultyGateway()
  const { order } = await payableOrder(gateway)
  const ask = () =>
    graphql(gateway.url, gateway.merchant.apiKey, { query: READ, variables: { id: order.id } })
  inject(always(failure(trouble)))
  expect(codeIn(await ask())).toBe('UNAVAILABLE')
  heal()
  await expect.poll(async () => (await ask()).data).toEqual({ order: { id: order.id } })
})

test.each<Failure>([
  { code: 2, codeName: 'BadValue' },
  { code: 9, codeName: 'FailedToParse' },
  { code: 121, codeName: 'DocumentValidationFailure' },
])('what a server says with the code $code is a mistake of this program', async (mistake) => {
  const { gateway, inject } = await faultyGateway()
  const { order } = await payableOrder(gateway)
  inject(always(failure(mistake)))
  const { merchant, url } = gateway
  const answer = await graphql(url, merchant.apiKey, { query: READ, variables: { id: order.id } })
  expect(answer.errors).toMatchObject([
    {
      message: 'Something went wrong here.',
      path: ['order'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    },
  ])
})

const STEPPED_DOWN = failure({ code: 189, codeName: 'PrimarySteppedDown', label: 'RetryableWriteError' })

/** Every way to ask for something, with the code of the error that it is answered with. */
function endpoints({ url, merchant, operatorKey }: TestGateway, id: string) {
  const { apiKey } = merchant
  const events = { query: EVENTS, variables: { id, after: 0 } }
  const paid = { query: 'subscription ($id: ID!) { orderPaid(id: $id) { id } }', variables: { id } }
  const create = {
    query: 'mutation ($input: CreateOrderInput!) { createOrder(input: $input) { __typename } }',
    variables: { input: orderInput({ payment: null }) },
  }
  const list = { query: '{ orders { totalCount nodes { id } } }' }
  return {
    'a query': async () => codeIn(await graphql(url, apiKey, { query: READ, variables: { id } })),
    'a list': async () => codeIn(await graphql(url, apiKey, list)),
    'a mutation': async () => codeIn(await graphql(url, apiKey, create)),
    'a mutation over a WebSocket': async () => codeIn(await graphqlOverWebsocket(url, apiKey, create)),
    'a subscription over a WebSocket': async () => codeIn(await graphqlOverWebsocket(url, apiKey, paid)),
    'a server-sent stream': async () => codeIn(await graphqlOverSse(url, apiKey, events)),
    'the operator feed': async () => codeIn(await graphqlOverWebsocket(url, operatorKey, { query: FEED })),
    async 'a long poll'() {
      const response = await longPoll({ url }, apiKey, `${id}/events`)
      expect(response.status).toBe(503)
      return codeIn((await response.json()) as Said<unknown>)
    },
  }
}

test('while the primary steps down every endpoint says UNAVAILABLE', async () => {
  const { gateway, inject } = await faultyGateway()
  const { order } = await payableOrder(gateway)
  inject(always(STEPPED_DOWN))
  for (const [name, ask] of Object.entries(endpoints(gateway, order.id)))
    expect([name, await ask()]).toEqual([name, 'UNAVAILABLE'])
})

/** Answers the next command of this name on this collection like this, once. */
function once(name: string, collection: string, fault: DatabaseFault): Fault {
  let left = 1
  return (command) => {
    if (command[name] !== collection || left === 0) return undefined
    left -= 1
    return fault
  }
}

/** The write happens, and the majority does not confirm it in time. */
const UNCONFIRMED: DatabaseFault = {
  isExecuted: true,
  reply: { writeConcernError: { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'waiting timed out' } },
}

const STEPS = [
  ['the row of the inbox', 'findAndModify', 'notifications'],
  ['the order', 'update', 'orders'],
  ['the outcome on the row', 'update', 'notifications'],
] as const

const INTERRUPTED = STEPS.flatMap(([write, name, collection]) => [
  [write, 'is not confirmed by the majority', { name, collection, fault: UNCONFIRMED }] as const,
  [write, 'meets a primary that steps down', { name, collection, fault: { reply: STEPPED_DOWN } }] as const,
])

test.each(INTERRUPTED)(
  'when the write of %s %s, a notification is not acknowledged, and its next delivery is applied once',
  async (_write, _how, { name, collection, fault }) => {
    const { gateway, uri, inject } = await faultyGateway()
    const { order } = await payableOrder(gateway)
    const notice = paidNotice(gateway, order)
    inject(once(name, collection, fault))
    expect(await post(gateway, notice)).toMatchObject({ status: 503, body: { code: 'FAIL' } })
    await expect.poll(() => post(gateway, notice)).toMatchObject({ status: 204 })
    expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 3, anomalies: [] })
    const rows = await rowsOf(uri, 'notifications')
    expect(rows).toMatchObject([{ orderId: order.id, verdict: 'VERIFIED' }])
  },
)

test('an order whose write the majority did not confirm is UNAVAILABLE, and the same one when asked for again', async () => {
  const { gateway, uri, inject } = await faultyGateway()
  const create = {
    query: `mutation ($input: CreateOrderInput!) { createOrder(input: $input) { __typename
      ... on CreateOrderSuccess { order { seq } } } }`,
    variables: { input: orderInput({ payment: null }) },
  }
  inject(once('insert', 'orders', UNCONFIRMED))
  expect(codeIn(await graphql(gateway.url, gateway.merchant.apiKey, create))).toBe('UNAVAILABLE')
  expect(await graphql(gateway.url, gateway.merchant.apiKey, create)).toMatchObject({
    data: { createOrder: { __typename: 'CreateOrderSuccess', order: { seq: 1 } } },
  })
  expect(await rowsOf(uri, 'orders')).toHaveLength(1)
})

test('an order that cannot be closed because of the database is due as before, and nobody is called to look at it', async () => {
  const { gateway, uri, inject } = await faultyGateway()
  const { order } = await payableOrder(gateway)
  const { log, lines } = recordedLog()
  const ports = { ...roundPorts(gateway), ladder: [30_000] as const, log }
  gateway.advanceAll(3 * HOUR_MS)
  const due = async () =>
    (await rowsOf(uri, 'orders')).map(({ nextCheckAt, checkRung }) => [nextCheckAt, checkRung])
  const before = await due()
  const closing = once('update', 'orders', { reply: STEPPED_DOWN })
  inject((command) => (JSON.stringify(command).includes('"status":"CLOSED"') ? closing(command) : undefined))
  await sweep(ports)
  expect(await due()).toEqual(before)
  expect(lines).toEqual([])
  await sweep(ports)
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'CLOSED' })
})
