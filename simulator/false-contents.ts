import { z } from 'zod'
import { randomText } from './crypto.ts'
import { openEnvelope, readEnvelope, refillEnvelope } from './envelope.ts'
import { readTransaction, spellTime } from './false-transactions.ts'
import type { FalseTransaction } from './false-transactions.ts'
import type { DeliveryFault, FaultOf } from './fault-kinds.ts'

/** Writes another body in place of a notification's own, before it is signed. */
export type Rewrite = (json: string, apiV3Key: string) => string

type Malformation = FaultOf<DeliveryFault, 'malformed'>['how']
type OddTime = FaultOf<DeliveryFault, 'odd-time'>['how']

const rewriteText =
  (change: (text: string) => string): Rewrite =>
  (json, apiV3Key) => {
    const envelope = readEnvelope(json)
    const text = change(openEnvelope(envelope, apiV3Key))
    return JSON.stringify(refillEnvelope(envelope, text, apiV3Key))
  }

/** Tells of the payment in another way than it was. */
export const withTransaction = (change: FalseTransaction): Rewrite =>
  rewriteText((text) => {
    const transaction = readTransaction(JSON.parse(text))
    if (!transaction) throw new Error('the notification tells of no payment')
    return JSON.stringify(change(transaction))
  })

/** Encrypts with a key that nobody knows. */
export const withStrangeKey: Rewrite = (json, apiV3Key) => {
  const envelope = readEnvelope(json)
  return JSON.stringify(refillEnvelope(envelope, openEnvelope(envelope, apiV3Key), randomText(32)))
}

const rewriteEnvelope =
  (change: Readonly<Record<string, unknown>>): Rewrite =>
  (json) =>
    JSON.stringify({ ...readEnvelope(json), ...change })

/** Names another event; what it is about stays. */
export const withEventType = (eventType: string): Rewrite => rewriteEnvelope({ event_type: eventType })

/** Has the id of another notification. */
export const withId = (id: string): Rewrite => rewriteEnvelope({ id })

/** Spells the moment at which the notification was made in another way. */
export const withCreateTime =
  (how: OddTime): Rewrite =>
  (json) => {
    const createTime = z.string().parse(readEnvelope(json)['create_time'])
    return rewriteEnvelope({ create_time: spellTime(createTime, how) })(json, '')
  }

const malformations: Readonly<Record<Malformation, Rewrite>> = {
  'wrong-types': withTransaction(({ amount, ...transaction }) => ({
    ...transaction,
    amount: `${amount.total} CNY`,
  })),
  'not-json': rewriteText(() => 'paid'),
  'no-resource': rewriteEnvelope({ resource: undefined }),
}

/** Breaks the documented shape of what is told, inside the encryption or around it. */
export const withMalformation = (how: Malformation): Rewrite => malformations[how]
