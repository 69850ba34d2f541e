import { expect, test } from 'vitest'
import { createLog } from '../../src/operations/log.ts'
import { bareConnection, requestHead } from '../support/bare-connection.ts'
import { lookInto } from '../support/database.ts'
import { openGateway } from '../support/gateway.ts'

interface Line {
  readonly level: string
  readonly err?: { readonly type?: string; readonly code?: string }
}

/** A gateway with the log of a real process, down to debug level; `text` is everything that was logged. */
async function loggedGateway() {
  const lines: string[] = []
  const log = createLog('debug', { write: (line) => void lines.push(line) })
  const gateway = await openGateway({ log })
  return {
    gateway,
    text: () => lines.join(''),
    lines: () => lines.map((line) => JSON.parse(line) as Line),
  }
}

/** A text as it is, and as JSON writes a buffer that holds it. */
const writtenForms = (text: string) => [text, [...Buffer.from(text)].join()]

const OPENID = 'oPayerWhoIsNotLogged'

test.each([
  ['/graphql', 'application/json'],
  ['/graphql/stream', 'text/event-stream'],
  ['/notify/wechatpay/v3/acme', 'application/json'],
])('a request to %s with a wrong Content-Length puts no secret into the log', async (path, accept) => {
  const { gateway, text, lines } = await loggedGateway()
  const body = JSON.stringify({ query: '{ __typename }', variables: { openid: OPENID } })
  const head = requestHead(`POST ${path}`, {
    authorization: `Bearer ${gateway.merchant.apiKey}`,
    'content-type': 'application/json',
    accept,
    'content-length': 1,
  })
  const { socket, closed } = await bareConnection(gateway.url)
  socket.write(head + body)
  await closed
  await expect.poll(() => lines().some(({ err }) => err?.code?.startsWith('HPE_'))).toBe(true)
  expect(lines().filter(({ level, err }) => err !== undefined && level !== 'debug')).toEqual([])
  for (const secret of [gateway.merchant.apiKey, OPENID, '__typename'].flatMap(writtenForms)) {
    expect(text()).not.toContain(secret)
  }
})

test('a document that the database refuses is not logged', async () => {
  const { gateway, text, lines } = await loggedGateway()
  const document = { payerId: OPENID }
  const refusal: unknown = await lookInto(gateway.databaseUri, async (database) => {
    const rows = database.collection('refused')
    await rows.createIndex({ payerId: 1 }, { unique: true })
    return rows.insertMany([{ ...document }, { ...document }]).catch((error: unknown) => error)
  })
  gateway.parts.log.error({ err: refusal }, 'An order could not be written.')
  expect(lines()).toMatchObject([{ err: { type: 'MongoBulkWriteError', code: 11000 } }])
  expect(text()).toContain('duplicate key')
  expect(text()).not.toContain(OPENID)
})
