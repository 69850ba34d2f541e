import { createHmac } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import type { Order } from '../domain/order.ts'
import { orderTokens } from './order-token.ts'

const secret = Buffer.alloc(32, 'k')
const NOW = new Date('2026-01-01T00:00:00Z')
const SECONDS = NOW.getTime() / 1000
const tokens = orderTokens([secret], { graceSeconds: 60, now: () => NOW })

const GOOD = { mer: 'acme', sub: '0123', aud: 'paybell:order', exp: SECONDS + 10 }

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function signed(header: object, claims: object, { hash = 'sha256', key = secret } = {}): string {
  const content = `${encoded(header)}.${encoded(claims)}`
  return `${content}.${createHmac(hash, key).update(content).digest('base64url')}`
}

/** What jose alone says. */
async function byJose(token: string): Promise<string> {
  const options = { algorithms: ['HS256'], audience: 'paybell:order', requiredClaims: ['exp', 'sub', 'mer'] }
  try {
    await jwtVerify(token, secret, { ...options, currentDate: NOW })
    return 'good'
  } catch (error) {
    return error instanceof Error && error.name === 'JWTExpired' ? 'expired' : 'unknown'
  }
}

async function byGateway(token: string): Promise<string> {
  const grant = await tokens.read(token)
  return typeof grant === 'string' ? grant : 'good'
}

const HS256 = { alg: 'HS256' }
const good = signed(HS256, GOOD)
const [head = '', body = '', signature = ''] = good.split('.')

test.each([
  ['a good token', good, 'good'],
  ['one of several audiences', signed(HS256, { ...GOOD, aud: ['x', 'paybell:order'] }), 'good'],
  ['another audience', signed(HS256, { ...GOOD, aud: 'x' }), 'unknown'],
  ['an expired token', signed(HS256, { ...GOOD, exp: SECONDS }), 'expired'],
  ['the last second', signed(HS256, { ...GOOD, exp: SECONDS + 1 }), 'good'],
  ['no expiry', signed(HS256, { ...GOOD, exp: undefined }), 'unknown'],
  ['no order', signed(HS256, { ...GOOD, sub: undefined }), 'unknown'],
  ['no merchant', signed(HS256, { ...GOOD, mer: undefined }), 'unknown'],
  ['a token of the future', signed(HS256, { ...GOOD, nbf: SECONDS + 5 }), 'unknown'],
  ['no algorithm', signed({}, GOOD), 'unknown'],
  ['the algorithm none', `${encoded({ alg: 'none' })}.${body}.`, 'unknown'],
  ['another algorithm', signed({ alg: 'HS512' }, GOOD, { hash: 'sha512' }), 'unknown'],
  ['the name of another algorithm', signed({ alg: 'HS512' }, GOOD), 'unknown'],
  ['an unknown critical header', signed({ ...HS256, crit: ['x'], x: 1 }, GOOD), 'unknown'],
  ['another secret', signed(HS256, GOOD, { key: Buffer.alloc(32, 'o') }), 'unknown'],
  ['another content', `${head}.${encoded({ ...GOOD, sub: '4567' })}.${signature}`, 'unknown'],
  ['a short signature', `${head}.${body}.${signature.slice(0, -4)}`, 'unknown'],
  ['an empty signature', `${head}.${body}.`, 'unknown'],
  ['a long signature', `${good}AAAA`, 'unknown'],
  ['a fourth part', `${good}.AAAA`, 'unknown'],
  ['a padded signature', `${good}=`, 'good'],
  ['a signature with a character that is none', `${good}!`, 'unknown'],
  ['claims that are no object', signed(HS256, ['x']), 'unknown'],
  ['no token', 'key', 'unknown'],
])('%s is judged as jose judges it', async (_what, token, expected) => {
  expect(await byGateway(token)).toBe(expected)
  expect(await byJose(token)).toBe(expected)
})

test('a token that jose signs is read, and the known answer for a token is this one', async () => {
  const token = await new SignJWT({ mer: 'acme' })
    .setProtectedHeader(HS256)
    .setSubject('0123')
    .setAudience('paybell:order')
    .setExpirationTime(SECONDS + 10)
    .sign(secret)
  const grant = { orderId: '0123', merchantId: 'acme', expiresAt: new Date((SECONDS + 10) * 1000) }
  expect(await tokens.read(token)).toEqual(grant)
  expect(await tokens.read(good)).toEqual(grant)
})

const SIGNED_BY_OTHER = signed(HS256, GOOD, { key: Buffer.alloc(32, 'o') })

test('the first of several secrets signs, and tokens of all of them are read', async () => {
  const other = Buffer.alloc(32, 'o')
  const both = orderTokens([other, secret], { graceSeconds: 60, now: () => NOW })
  for (const token of [good, SIGNED_BY_OTHER])
    expect(await both.read(token)).toMatchObject({ orderId: '0123', merchantId: 'acme' })
  const order = { id: '0123', merchantId: 'acme', expiresAt: NOW } as Order
  const issued = await both.issue(order)
  const only = (one: Buffer) => orderTokens([one], { graceSeconds: 60, now: () => NOW })
  expect(await only(other).read(issued)).toMatchObject({ orderId: '0123' })
  expect(await only(secret).read(issued)).toBe('unknown')
})

test('of several secrets, none that is not among them is accepted, and an expired token is said to be', async () => {
  const several = orderTokens([Buffer.alloc(32, 'x'), secret], { graceSeconds: 60, now: () => NOW })
  expect(await several.read(SIGNED_BY_OTHER)).toBe('unknown')
  expect(await several.read(`${good}!`)).toBe('unknown')
  expect(await several.read(signed(HS256, { ...GOOD, exp: SECONDS }))).toBe('expired')
})
