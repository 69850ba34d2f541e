import { createHmac, timingSafeEqual } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Order } from '../domain/order.ts'

/** What an order access token allows: reading, paying, confirming and watching one order. */
export interface OrderGrant {
  readonly orderId: string
  readonly merchantId: string
  readonly expiresAt: Date
}

/** Makes and reads order access tokens. */
export interface OrderTokens {
  /** A token for the order that outlives the order's expiry by the configured grace. A JWT (HS256). */
  issue(order: Order): Promise<string>
  /** What the token allows, or why it allows nothing. */
  read(token: string): Promise<OrderGrant | 'expired' | 'unknown'>
}

const AUDIENCE = 'paybell:order'
const ALGORITHM = 'HS256'

/**
 * Tells whether the signature (what follows the last dot) is right, in about 10 µs and without waiting. The rest (form,
 * algorithm, audience, claims) is looked at only then: a forged token makes this process compute no more than one hash for
 * each secret.
 */
function isSigned(token: string, secret: Uint8Array): boolean {
  const dot = token.lastIndexOf('.')
  if (dot === -1) return false
  const given = Buffer.from(token.slice(dot + 1), 'base64url')
  const right = createHmac('sha256', secret).update(token.slice(0, dot)).digest()
  return given.length === right.length && timingSafeEqual(given, right)
}

/** At least 32 bytes each. The first one signs; a token of any of them is accepted. */
export type TokenSecrets = readonly [Uint8Array, ...Uint8Array[]]

/** Makes and reads tokens. `graceSeconds`: how long a token outlives its order's expiry. */
export function orderTokens(
  secrets: TokenSecrets,
  { graceSeconds, now }: { readonly graceSeconds: number; readonly now: () => Date },
): OrderTokens {
  return {
    issue(order) {
      const lastUse = Math.max(order.expiresAt.getTime(), now().getTime())
      return new SignJWT({ mer: order.merchantId })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(order.id)
        .setAudience(AUDIENCE)
        .setExpirationTime(Math.floor(lastUse / 1000) + graceSeconds)
        .sign(secrets[0])
    },
    async read(token) {
      const secret = secrets.find((one) => isSigned(token, one))
      if (secret === undefined) return 'unknown'
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: [ALGORITHM],
          audience: AUDIENCE,
          requiredClaims: ['exp', 'sub', 'mer'],
          currentDate: now(),
        })
        const { sub, exp, mer } = payload
        if (sub === undefined || exp === undefined || typeof mer !== 'string') return 'unknown'
        return { orderId: sub, merchantId: mer, expiresAt: new Date(exp * 1000) }
      } catch (error) {
        if (error instanceof errors.JWTExpired) return 'expired'
        if (error instanceof errors.JOSEError) return 'unknown'
        throw error
      }
    },
  }
}
