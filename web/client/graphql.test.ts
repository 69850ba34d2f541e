import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { answeringServer, sendJson, type Answer } from '../../test/support/answering-server.ts'
import { ask, errorsOf, property, textOf } from './graphql.ts'

test('the data of an answer comes with the time of the server', async () => {
  const { url } = await answeringServer((_, response) => {
    response.setHeader('date', 'Sat, 31 Jan 2026 01:00:00 GMT')
    sendJson(response, { data: { order: { id: 'o1' } } })
  })
  const answer = await ask({ url, authorization: 'Bearer t' }, { query: '{ order { id } }' })
  expect(answer).toEqual({ data: { order: { id: 'o1' } }, servedAtMs: Date.UTC(2026, 0, 31, 1) })
})

test('the token and the variables travel as JSON', async () => {
  const seen: { authorization?: string | undefined; body?: unknown } = {}
  const { url } = await answeringServer(async (request, response) => {
    seen.authorization = request.headers.authorization
    seen.body = JSON.parse(await textIn(request))
    sendJson(response, { data: {} })
  })
  await ask({ url, authorization: 'Bearer t' }, { query: 'q', variables: { id: 'o1' } })
  expect(seen).toEqual({ authorization: 'Bearer t', body: { query: 'q', variables: { id: 'o1' } } })
})

test('a GraphQL error is thrown with its code', async () => {
  const errors = [{ message: 'Who are you?', extensions: { code: 'UNAUTHENTICATED' } }]
  const { url } = await answeringServer((_, response) => sendJson(response, { errors }))
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
  const { url } = await answeringServer(listener)
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

async function textIn(request: IncomingMessage): Promise<string> {
  const chunks = await request.toArray()
  return Buffer.concat(chunks).toString('utf8')
}
