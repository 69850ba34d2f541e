import { SignJWT, decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { OperationLimits } from '../../src/operations/operation-limits.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { payableOrder } from '../support/orders.ts'
import { graphqlOverSse, longPoll, openSse, rawSocket } from '../support/streams.ts'
import { openSocket } from '../support/watching.ts'

const ORDER = { query: '{ orders { totalCount } }' }

/** A gateway at which an address may try one key in a thousand seconds, after the first three. */
function guarded(changes: Partial<OperationLimits> = {}) {
  return openGateway({ operationLimits: { guessesSavedUp: 3, guessesPerSecond: 0.001, ...changes } })
}

async function codeFor({ url }: TestGateway, credential: string, query = '{ order { id } }') {
  const { errors } = await graphql(url, credential, { query })
  return errors[0]?.extensions?.code
}

async function guess(gateway: TestGateway, count: number): Promise<readonly (string | undefined)[]> {
  const codes: (string | undefined)[] = []
  for (let number = 0; number < count; number += 1) codes.push(await codeFor(gateway, `guess-${number}`))
  return codes
}

test('guesses are throttled, and a right one beyond the look-ups is not told from a wrong one', async () => {
  const gateway = await guarded({ lookUpsPerSecond: 0.001 })
  expect(await guess(gateway, 5)).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    'TOO_MANY_REQUESTS',
    'TOO_MANY_REQUESTS',
  ])
  const right = await graphql(gateway.url, gateway.merchant.apiKey, ORDER)
  expect(right).toMatchObject({
    status: 429,
    data: undefined,
    errors: [
      {
        message: 'Too many unknown keys and tokens came from this address; try again later.',
        extensions: { code: 'TOO_MANY_REQUESTS' },
      },
    ],
  })
})

test('a right key that comes for the first time is accepted while its address has no guesses but look-ups left', async () => {
  const gateway = await guarded()
  expect((await guess(gateway, 5)).at(-1)).toBe('TOO_MANY_REQUESTS')
  expect((await graphql(gateway.url, gateway.merchant.apiKey, ORDER)).errors).toEqual([])
})

test('keys and tokens that were good before, and callers without any, are not concerned', async () => {
  const gateway = await guarded()
  const { order, accessToken } = await payableOrder(gateway)
  const used = await payableOrder(gateway)
  expect(await codeFor(gateway, used.accessToken)).toBeUndefined()
  await guess(gateway, 5)
  expect((await graphql(gateway.url, gateway.merchant.apiKey, ORDER)).errors).toEqual([])
  expect(await codeFor(gateway, used.accessToken)).toBeUndefined()
  // A payer who comes now for the first time: no token can be guessed, so that a good one tells nothing.
  const { data } = await graphql(gateway.url, accessToken, { query: '{ order { id } }' })
  expect(data).toEqual({ order: { id: order.id } })
  expect((await graphql(gateway.url, undefined, { query: '{ __typename }' })).errors).toEqual([])
})

test('forged tokens count as guesses, and expired ones do not', async () => {
  const gateway = await guarded()
  const { accessToken } = await payableOrder(gateway)
  const forged = await new SignJWT(decodeJwt(accessToken))
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.alloc(32, 7))
  gateway.advance(24 * 60 * 60 * 1000)
  for (let number = 0; number < 5; number += 1)
    expect(await codeFor(gateway, accessToken)).toBe('UNAUTHENTICATED')
  const codes: (string | undefined)[] = []
  for (let number = 0; number < 4; number += 1) codes.push(await codeFor(gateway, forged))
  expect(codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'TOO_MANY_REQUESTS'])
})

test('a token that was good before is not good any more when it has expired', async () => {
  const gateway = await openGateway()
  const { accessToken } = await payableOrder(gateway)
  expect(await codeFor(gateway, accessToken)).toBeUndefined()
  gateway.advance(24 * 60 * 60 * 1000)
  expect(await codeFor(gateway, accessToken)).toBe('UNAUTHENTICATED')
})

test('guesses over all transports add up', async () => {
  const gateway = await guarded()
  const first = await graphqlOverSse(gateway.url, 'guess-1', { query: '{ order { id } }' })
  expect(first.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  expect((await longPoll(gateway, 'guess-2', 'ord_1/events')).status).toBe(401)
  const socket = await rawSocket(gateway, 'guess-3')
  socket.subscribe('1', '{ order { id } }')
  await expect.poll(() => JSON.stringify(socket.heard.at(-2))).toContain('UNAUTHENTICATED')

  expect(await codeFor(gateway, 'guess-4')).toBe('TOO_MANY_REQUESTS')
  const poll = await longPoll(gateway, 'guess-5', 'ord_1/events')
  expect(poll.status).toBe(429)
  const retryAfter = Number(poll.headers.get('retry-after'))
  expect(retryAfter).toBeGreaterThan(900)
  expect(retryAfter).toBeLessThanOrEqual(1000)
  expect((await openSse(gateway, 'guess-6', { query: '{ order { id } }' })).status).toBe(429)
  const refused = await openSocket(gateway)
  refused.send(JSON.stringify({ type: 'connection_init', payload: { authorization: 'Bearer guess-7' } }))
  const code = await new Promise((resolve) => refused.once('close', resolve))
  expect(code).toBe(1013)
  // The socket that was let in knows who is calling: its operations are no further guesses.
  socket.subscribe('2', '{ order { id } }')
  await expect.poll(() => JSON.stringify(socket.heard)).toMatch(/"id":"2".*UNAUTHENTICATED/)
})
