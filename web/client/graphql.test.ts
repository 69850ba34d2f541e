import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { ask, errorsOf, property, textOf } from './graphql.ts'

test('the data of an answer comes with the time of the server', async () => {
  const url = await serve((_, response) => {
    response.setHeader('date', 'Sat, 31 Jan 2026 01:00:00 GMT')
    sendJson(response, { data: { order: { id: 'o1' } } })
  })
  const answer = await ask({ url, authorization: 'Bearer t' }, { query: '{ order { id } }' })
  expect(answer).toEqual({ data: { order: { id: 'o1' } }, servedAtMs: Date.UTC(2026, 0, 31, 1) })
})

test('the token and the variables travel as JSON', async () => {
  const seen: { authorization?: string | undefined; body?: unknown } = {}
  const url = await serve(async (request, response) => {
    seen.authorization = request.headers.authorization
    seen.body = JSON.parse(await textIn(request))
    sendJson(response, { data: {} })
  })
  await ask({ url, authorization: 'Bearer t' }, { query: 'q', variables: { id: 'o1' } })
  expect(seen).toEqual({ authorization: 'Bearer t', body: { query: 'q', variables: { id: 'o1' } } })
})

test('a GraphQL error is thrown with its code', async () => {
  const errors = [{ message: 'Who are you?', extensions: { code: 'UNAUTHENTICATED' } }]
  const url = await serve((_, response) => sendJson(response, { errors }))
  await expect(ask({ url, authorization: '' }, { query: 'q' })).rejects.toMatchObject({
    name: 'RequestError',
    code: 'UNAUTHENTICATED',
    message: 'Who are you?',
  })
})

test.each<[string, Answer]>([
  ['a page instead of JSON', (_, response) => void response.end('<h1>502</h1>')],
  ['JSON that is no GraphQL', (_, response) => sendJson(response, { ok: true })],
  ['a connection that breaks', (request) => void request.socket.destroy()],
  ['silence', () => undefined],
])('%s counts as unreachable', async (_, listener) => {
  const url = await serve(listener)
  const asked = ask({ url, authorization: '', timeoutMs: 200 }, { query: 'q' })
  await expect(asked).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

test('values of any shape can be read', () => {
  expect(property(null, 'a')).toBeUndefined()
  expect(property('text', 'length')).toBeUndefined()
  expect(textOf({ a: 1 }, 'a')).toBe('')
  expect(errorsOf({ errors: [null, { message: 'x' }] })).toEqual([
    { code: 'UNKNOWN', message: '' },
    { code: 'UNKNOWN', message: 'x' },
  ])
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => void answer(request, response))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

async function textIn(request: IncomingMessage): Promise<string> {
  const chunks = await request.toArray()
  return Buffer.concat(chunks).toString('utf8')
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}
