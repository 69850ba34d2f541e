import type { AnomalyResolvers } from './schema-types.generated.ts'

/** Fields of the type Anomaly that are not simply there. Of the payment, the payer is for nobody. */
export const anomaly: AnomalyResolvers = {
  transactionId: ({ payment }) => payment?.transactionId ?? null,
  amount: ({ payment }) => (payment ? { total: payment.total, currency: payment.currency } : null),
}
