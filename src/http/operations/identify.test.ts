import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { callerIdentification } from '../../access/caller.ts'
import { orderTokens } from '../../access/order-token.ts'
import { DEFAULT_OPERATION_LIMITS } from '../../operations/operation-limits.ts'
import type { GatewayContext } from '../../resolvers/context.ts'
import { identification } from './identify.ts'

const SECRET = Buffer.alloc(32, 'k')
const KEYS = Array.from({ length: 60 }, (_, number) => `right-${number}`)
const now = () => new Date()

const sha256 = (key: string) => ({ sha256: createHash('sha256').update(key).digest('hex') })

function gateway() {
  const owners = { merchants: [{ id: 'acme', apiKeys: KEYS.map(sha256) }], operators: [] }
  const identifyCaller = callerIdentification(owners, orderTokens([SECRET], { graceSeconds: 60, now }))
  const contextFor = async (authorization: unknown) =>
    ({ caller: await identifyCaller(authorization), gateway: { now } }) as GatewayContext
  const identify = identification(contextFor, { ...DEFAULT_OPERATION_LIMITS, guessesPerSecond: 0.001 })
  /** All at once, from one address; who they are, or why they are refused. */
  return async (credentials: readonly string[]): Promise<readonly string[]> => {
    const all = credentials.map((credential) => identify(`Bearer ${credential}`, '192.0.2.1'))
    const settled = await Promise.allSettled(all)
    return settled.map((one) => (one.status === 'fulfilled' ? one.value.context.caller.kind : 'refused'))
  }
}

const tokensOf = (count: number, secret: Uint8Array) =>
  Promise.all(
    Array.from({ length: count }, (_, number) =>
      new SignJWT({ mer: 'acme' })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(`order-${number}`)
        .setAudience('paybell:order')
        .setExpirationTime('1h')
        .sign(secret),
    ),
  )

const guesses = (count: number) => Array.from({ length: count }, (_, number) => `wrong-${number}`)

const countOf = (all: readonly string[], kind: string) => all.filter((one) => one === kind).length

test('2000 payers who come at once from one address are let in, and forged tokens among them are throttled', async () => {
  const ask = gateway()
  const forged = await tokensOf(1000, Buffer.alloc(32, 'o'))
  const good = await tokensOf(2000, SECRET)
  const answers = await ask([...forged, ...good])
  expect(countOf(answers.slice(0, 1000), 'nobody')).toBe(50)
  expect(countOf(answers.slice(1000), 'order-holder')).toBe(2000)
  expect(countOf(await ask(guesses(10)), 'refused')).toBe(10)
})

test('right keys that come at once use up no guesses', async () => {
  const ask = gateway()
  expect(countOf(await ask([...KEYS, ...guesses(60)]), 'merchant')).toBe(60)
  expect(countOf(await ask(guesses(10)), 'refused')).toBe(10)
})

test('without guesses, right keys are accepted within the look-ups, which wrong ones use up as well', async () => {
  const ask = gateway()
  await ask(guesses(60))
  const answers = await ask(['right-1', 'right-2', ...guesses(30), 'right-3', 'right-1'])
  expect(answers.slice(0, 2)).toEqual(['merchant', 'merchant'])
  expect(answers.at(-2)).toBe('refused')
})
