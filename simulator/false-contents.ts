import { z } from 'zod'
import { randomText } from './crypto.ts'
import { openEnvelope, readEnvelope, refillEnvelope } from './envelope.ts'
import type { DeliveryFault, FaultOf } from './fault-kinds.ts'

/** Writes another body in place of a notification's own, before it is signed. */
export type Rewrite = (json: string, apiV3Key: string) => string

type Malformation = FaultOf<DeliveryFault, 'malformed'>['how']
type Payee = FaultOf<DeliveryFault, 'wrong-payee'>['field']

const transactionSchema = z.looseObject({
  mchid: z.string(),
  appid: z.string(),
  amount: z.looseObject({ total: z.int() }),
})
type Transaction = z.infer<typeof transactionSchema>

const rewriteText =
  (change: (text: string) => string): Rewrite =>
  (json, apiV3Key) => {
    const envelope = readEnvelope(json)
    const text = change(openEnvelope(envelope, apiV3Key))
    return JSON.stringify(refillEnvelope(envelope, text, apiV3Key))
  }

const rewriteTransaction = (change: (transaction: Transaction) => unknown): Rewrite =>
  rewriteText((text) => JSON.stringify(change(transactionSchema.parse(JSON.parse(text)))))

/** Another text of the same length and alphabet. */
const neighbourOf = (text: string): string => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`

/** Says that another amount was due; one fen more unless told. */
export const withTotal = (total: number | undefined): Rewrite =>
  rewriteTransaction((transaction) => ({
    ...transaction,
    amount: { ...transaction.amount, total: total ?? transaction.amount.total + 1 },
  }))

/** Says that another merchant or app was paid. */
export const withPayee = (field: Payee): Rewrite =>
  rewriteTransaction((transaction) => ({ ...transaction, [field]: neighbourOf(transaction[field]) }))

/** Encrypts with a key that nobody knows. */
export const withStrangeKey: Rewrite = (json, apiV3Key) => {
  const envelope = readEnvelope(json)
  return JSON.stringify(refillEnvelope(envelope, openEnvelope(envelope, apiV3Key), randomText(32)))
}

/** Names another event; what it is about stays. */
export const withEventType =
  (eventType: string): Rewrite =>
  (json) =>
    JSON.stringify({ ...readEnvelope(json), event_type: eventType })

const malformations: Readonly<Record<Malformation, Rewrite>> = {
  'wrong-types': rewriteTransaction(({ amount, ...transaction }) => ({
    ...transaction,
    amount: `${amount.total} CNY`,
  })),
  'not-json': rewriteText(() => 'paid'),
  'no-resource': (json) => {
    const { resource: _resource, ...rest } = readEnvelope(json)
    return JSON.stringify(rest)
  },
}

/** Breaks the documented shape of what is told, inside the encryption or around it. */
export const withMalformation = (how: Malformation): Rewrite => malformations[how]
