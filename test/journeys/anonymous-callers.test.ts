import { getIntrospectionQuery } from 'graphql'
import { expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql, type Operation } from '../support/graphql.ts'
import { payableOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { firstResult, openSse, rawSocket, type Message } from '../support/streams.ts'

/** What one can send without a key, over each transport, and the code of the answer: none for an answer with data. */
type Codes = readonly (string | undefined)[]

interface ErrorView {
  readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number }
}

function codesOf(payload: unknown): Codes {
  const { errors } = payload as { readonly errors?: readonly ErrorView[] }
  const list = Array.isArray(payload) ? (payload as readonly ErrorView[]) : (errors ?? [])
  return list.map(({ extensions }) => extensions?.code)
}

async function overHttp({ url }: TestGateway, operation: Operation): Promise<Codes> {
  return codesOf(await graphql(url, undefined, operation))
}

async function overSse(gateway: TestGateway, operation: Operation): Promise<Codes> {
  const response = await openSse(gateway, undefined, operation)
  return codesOf(response.status === 200 ? await firstResult(response) : await response.json())
}

async function overWebsocket(gateway: TestGateway, { query, variables }: Operation): Promise<Codes> {
  const socket = await rawSocket(gateway, undefined)
  socket.subscribe('1', query, variables)
  const answer = (): Message | undefined => socket.heard.find(({ id }) => id === '1')
  await expect.poll(answer).toBeDefined()
  return codesOf(answer()?.payload)
}

const TRANSPORTS = { HTTP: overHttp, SSE: overSse, WebSocket: overWebsocket } as const
const EACH = Object.entries(TRANSPORTS)

const FULL = getIntrospectionQuery({
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
})

test.each([
  ['the whole schema', { query: FULL }],
  ['one type', { query: '{ __type(name: "Order") { name fields { name } } }' }],
  [
    'a type by a variable',
    { query: 'query ($n: String!) { __type(name: $n) { name } }', variables: { n: 'Order' } },
  ],
  ['the name of the root', { query: '{ __typename }' }],
  ['the name of the root of mutations', { query: 'mutation { __typename }' }],
])(
  '%s is told without a key, over every transport, as often as it is asked for',
  async (_what, operation) => {
    const gateway = await openGateway()
    for (const [, ask] of EACH) {
      expect(await ask(gateway, operation)).toEqual([])
      expect(await ask(gateway, operation)).toEqual([])
    }
  },
)

test('two introspections of one text with different variables have different answers', async () => {
  const { url } = await openGateway()
  const ask = (n: string) =>
    graphql(url, undefined, { query: 'query ($n: String!) { __type(name: $n) { name } }', variables: { n } })
  expect((await ask('Order')).data).toEqual({ __type: { name: 'Order' } })
  expect((await ask('Query')).data).toEqual({ __type: { name: 'Query' } })
  expect((await ask('Order')).data).toEqual({ __type: { name: 'Order' } })
})

test.each([
  ['an order', '{ order { id } }'],
  ['an order beside the name of the root', '{ __typename order { id } }'],
  ['an order in a fragment', '{ ...F } fragment F on Query { order { id } }'],
  ['a field that does not exist', '{ nothing }'],
  ['an order that is too deep', `{ order { ${'events { order { '.repeat(6)} id ${'} } '.repeat(6)} } }`],
  ['eleven root fields and more', `{ ${'order { id } '.repeat(50)} }`],
])(
  '%s is not told without a key, and the caller is identified before the document is validated',
  async (_what, query) => {
    const gateway = await openGateway()
    for (const [, ask] of EACH) expect(await ask(gateway, { query })).toEqual(['UNAUTHENTICATED'])
    const { status, errors } = await graphql(gateway.url, undefined, { query })
    expect(status).toBe(401)
    expect(errors[0]?.message).toBe('The request has no Authorization.')
  },
)

test('a subscription without a key is refused like everything else', async () => {
  const gateway = await openGateway()
  const query = 'subscription { orderPaid(id: "ord_1") { id } }'
  for (const [, ask] of EACH) expect(await ask(gateway, { query })).toEqual(['UNAUTHENTICATED'])
})

test.each(EACH)(
  'over %s one address without a key has so many documents read, and the others and known ones go on',
  async (_name, ask) => {
    const gateway = await openGateway({
      trustedProxies: 0,
      operationLimits: { anonymousUnitsSavedUp: 35, anonymousUnitsPerSecond: 0.001 },
    })
    const { order, accessToken } = await payableOrder(gateway)
    const known = { query: '{ order { id } }' }
    expect(await ask(gateway, known)).toEqual(['UNAUTHENTICATED'])
    const codes: (string | undefined)[] = []
    for (let number = 0; number < 4; number += 1) {
      codes.push(...(await ask(gateway, { query: `query Q${number} { order { id } }` })))
    }
    expect(codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS'])
    expect(await ask(gateway, known)).toEqual(['UNAUTHENTICATED'])
    const { data } = await graphql(gateway.url, accessToken, known)
    expect(data).toEqual({ order: { id: order.id } })
  },
)

test('over HTTP and SSE the refusal says when to try again, and another address is not concerned', async () => {
  const limits = { anonymousUnitsSavedUp: 10, anonymousUnitsPerSecond: 1 }
  const { url } = await openGateway({ trustedProxies: 1, operationLimits: limits })
  const ask = (path: string, query: string, address: string) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: path.endsWith('stream') ? 'text/event-stream' : '*/*',
        'x-forwarded-for': address,
      },
      body: JSON.stringify({ query }),
    })
  await ask('/graphql', '{ a }', '1.1.1.1')
  for (const path of ['/graphql', '/graphql/stream']) {
    const refused = await ask(path, '{ b }', '1.1.1.1')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_MANY_REQUESTS' } }] })
  }
  expect((await ask('/graphql', '{ b }', '2.2.2.2')).status).toBe(401)
})

test('many addresses together have so much time, and callers with a key are not concerned', async () => {
  const limits = { anonymousMsSavedUp: 0.1, anonymousMsPerSecond: 0.001 }
  const gateway = await openGateway({ trustedProxies: 1, operationLimits: limits })
  const { order, accessToken } = await payableOrder(gateway)
  const statuses: number[] = []
  for (let number = 1; number <= 5; number += 1) {
    const { status } = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.1.1.${number}` },
      body: JSON.stringify({ query: `query Q${number} { __schema { types { name } } }` }),
    })
    statuses.push(status)
  }
  expect(statuses).toEqual([200, 429, 429, 429, 429])
  const { data } = await graphql(gateway.url, accessToken, { query: '{ order { id } }' })
  expect(data).toEqual({ order: { id: order.id } })
})

test('what is nested thousands deep is a client’s mistake over every transport, and no error here', async () => {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const deep = `${'['.repeat(7_800)}${']'.repeat(7_800)}`
  const query = 'query ($n: String!) { __type(name: $n) { name } }'
  // As text: JSON.stringify would not write it.
  const body = JSON.stringify({ query, variables: { n: 0 } }).replace('0', deep)
  for (const path of ['/graphql', '/graphql/stream']) {
    const response = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: '*/*' },
      body,
    })
    expect(await response.text()).toContain('"BAD_USER_INPUT"')
  }
  const socket = await rawSocket(gateway, undefined)
  socket.socket.send(`{"type":"subscribe","id":"1","payload":${body}}`)
  await expect.poll(() => socket.heard.at(-1)).toMatchObject({ type: 'error', id: '1' })
  socket.socket.send(`{"type":"ping","payload":{"a":${deep}}}`)
  expect(await socket.closed).toEqual([4400, 'The payload of the ping is nested too deeply.'])
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('an id that is longer than a reason for closing may be is a client’s mistake, and no error here', async () => {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const { order, accessToken } = await payableOrder(gateway)
  const socket = await rawSocket(gateway, accessToken)
  const query = `subscription { orderUpdated(id: "${order.id}") { id } }`
  for (let turn = 0; turn < 2; turn += 1) socket.subscribe('茶'.repeat(100), query)
  expect((await socket.closed)[0]).toBe(4409)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})
