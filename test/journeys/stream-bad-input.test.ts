import { expect, test } from 'vitest'
import { openGateway } from '../support/gateway.ts'
import type { Operation } from '../support/graphql.ts'
import { payableOrder } from '../support/orders.ts'
import { EVENTS, graphqlOverSse, longPoll, rawSocket, type Message } from '../support/streams.ts'

interface Refusal {
  readonly extensions?: { readonly code?: string }
}

const codesOf = (errors: readonly Refusal[]) => errors.map(({ extensions }) => extensions?.code)

/** An order that can be paid, a stranger's order, and how each transport answers a question about them. */
async function threeTransports() {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const foreign = await payableOrder(gateway)
  const { heard, say } = await rawSocket(gateway, accessToken)

  async function overWebsocket(operation: Operation): Promise<readonly (string | undefined)[]> {
    const id = String(heard.length)
    const answer = (): Message | undefined => heard.find((message) => message.id === id)
    say({ type: 'subscribe', id, payload: operation })
    await expect.poll(answer).toBeDefined()
    const payload = answer()?.payload as readonly Refusal[] | { readonly errors?: readonly Refusal[] }
    return codesOf('length' in payload ? payload : (payload.errors ?? []))
  }

  async function overSse(operation: Operation) {
    return codesOf((await graphqlOverSse(gateway.url, accessToken, operation)).errors)
  }

  async function overLongPoll(id: string, after: string) {
    const response = await longPoll(
      gateway,
      accessToken,
      `${id}/events?after=${encodeURIComponent(after)}&wait=0`,
    )
    const { errors = [] } = (await response.json()) as { readonly errors?: readonly Refusal[] }
    return { status: response.status, codes: codesOf(errors) }
  }
  return { id: order.id, foreignId: foreign.order.id, overWebsocket, overSse, overLongPoll }
}

/** The order has two events. */
const CURSORS: readonly (readonly [string, unknown])[] = [
  ['beyond the newest event', 3],
  ['negative', -1],
  ['of 2^31', 2 ** 31],
  ['of 1e12', 1e12],
  ['that is no number', 'two'],
  ['that is no whole number', 1.5],
]

test.each(CURSORS)('a cursor %s is refused, over every transport', async (_what, after) => {
  const { id, overWebsocket, overSse, overLongPoll } = await threeTransports()
  const operation = { query: EVENTS, variables: { id, after } }
  expect(await overWebsocket(operation)).toEqual(['BAD_USER_INPUT'])
  expect(await overSse(operation)).toEqual(['BAD_USER_INPUT'])
  expect(await overLongPoll(id, String(after))).toEqual({ status: 400, codes: ['BAD_USER_INPUT'] })
  expect(await overWebsocket({ query: EVENTS, variables: { id, after: 1 } })).toEqual([])
})

test.each([
  ['somebody else’s order', 'foreign'],
  ['an order that is not there', 'ord_000000000000000000000000'],
  ['what is no name of an order', '../../etc/passwd'],
])('%s is not there, over every transport', async (_what, name) => {
  const { foreignId, overWebsocket, overSse, overLongPoll } = await threeTransports()
  const id = name === 'foreign' ? foreignId : name
  const operation = { query: EVENTS, variables: { id } }
  expect(await overWebsocket(operation)).toEqual(['NOT_FOUND'])
  expect(await overSse(operation)).toEqual(['NOT_FOUND'])
  expect(await overLongPoll(encodeURIComponent(id), '0')).toEqual({ status: 404, codes: ['NOT_FOUND'] })
})

const OPERATIONS: readonly (readonly [string, Operation & { readonly operationName?: string }, string])[] = [
  ['an unknown operation', { query: 'subscription { everything { id } }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['no GraphQL', { query: 'subscription {' }, 'GRAPHQL_PARSE_FAILED'],
  [
    'a name that no operation has',
    { query: '{ __typename }', operationName: 'x' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  ['nothing but a fragment', { query: 'fragment F on Order { id }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a variable that is missing', { query: EVENTS }, 'BAD_USER_INPUT'],
]

test.each(OPERATIONS)('%s is refused, over WebSocket and SSE', async (_what, operation, code) => {
  const { id, overWebsocket, overSse } = await threeTransports()
  expect(await overWebsocket(operation)).toEqual([code])
  expect(await overSse(operation)).toEqual([code])
  expect(await overWebsocket({ query: EVENTS, variables: { id, after: 1 } })).toEqual([])
})
