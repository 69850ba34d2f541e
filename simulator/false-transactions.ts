import { z } from 'zod'
import { toChinaDigits, toChinaTime } from './clock.ts'
import { randomDigits } from './crypto.ts'
import type { DeliveryFault, FaultOf } from './fault-kinds.ts'

type Payee = FaultOf<DeliveryFault, 'wrong-payee'>['field']
type TimeSpelling = FaultOf<DeliveryFault, 'odd-time'>['how']
type Product = FaultOf<DeliveryFault, 'other-product'>['product']

const transactionSchema = z.looseObject({
  mchid: z.string(),
  appid: z.string(),
  out_trade_no: z.string(),
  trade_state: z.string(),
  transaction_id: z.string().optional(),
  success_time: z.string().optional(),
  payer: z.looseObject({ openid: z.string() }).optional(),
  amount: z.looseObject({ total: z.int(), payer_total: z.int().optional() }),
})
type Transaction = z.infer<typeof transactionSchema>

/** Describes a payment in another way than it was; the input is a transaction as the platform describes it. */
export type FalseTransaction = (transaction: Transaction) => Readonly<Record<string, unknown>>

/** Returns the transaction in `value`; undefined when it is none, like a refusal. */
export const readTransaction = (value: unknown): Transaction | undefined =>
  transactionSchema.safeParse(value).data

/** Another text of the same length and alphabet. */
const neighbourOf = (text: string): string => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`

/** Says that another amount was due; one fen more unless told. */
export const withTotal =
  (total: number | undefined): FalseTransaction =>
  (transaction) => ({
    ...transaction,
    amount: { ...transaction.amount, total: total ?? transaction.amount.total + 1 },
  })

/** Says that another merchant or app was paid. A field that the transaction does not have is added. */
export const withPayee =
  (field: Payee): FalseTransaction =>
  (transaction) => ({
    ...transaction,
    [field]: neighbourOf(field.endsWith('mchid') ? transaction.mchid : transaction.appid),
  })

/** Says another state; everything else stays. */
export const withState =
  (tradeState: string): FalseTransaction =>
  (transaction) => ({ ...transaction, trade_state: tradeState })

/** Says another moment of the payment. */
export const withSuccessAt =
  (moment: Date): FalseTransaction =>
  (transaction) => ({ ...transaction, success_time: toChinaTime(moment) })

/** Says that the payment has the id of another one. */
export const withTransactionId =
  (transactionId: string): FalseTransaction =>
  (transaction) => ({ ...transaction, transaction_id: transactionId })

const timeSpellings: Readonly<Record<TimeSpelling, (moment: Date) => string | undefined>> = {
  digits: toChinaDigits,
  'offset-without-colon': (moment) => toChinaTime(moment).replace(/:(?=\d\d$)/, ''),
  milliseconds: (moment) => toChinaTime(moment).replace('+', '.000+'),
  utc: (moment) => `${moment.toISOString().slice(0, 19)}Z`,
  missing: () => undefined,
}

/** Writes an RFC 3339 time in another way; undefined where it is left out. */
export const spellTime = (time: string, how: TimeSpelling): string | undefined =>
  timeSpellings[how](new Date(time))

/** Spells the moment of the payment in another way. */
export const withTimeSpelling =
  (how: TimeSpelling): FalseTransaction =>
  (transaction) => ({ ...transaction, success_time: spellTime(transaction.success_time ?? '', how) })

const products: Readonly<Record<Product, FalseTransaction>> = {
  // The one who is notified, and whose APIv3 key encrypts, is the service provider.
  partner: ({ mchid, appid, payer, ...rest }) => ({
    sp_mchid: mchid,
    sp_appid: appid,
    sub_mchid: neighbourOf(mchid),
    sub_appid: neighbourOf(appid),
    ...rest,
    payer: { sp_openid: payer?.openid, sub_openid: payer?.openid },
  }),
  combined: ({ mchid, appid, payer, amount, success_time: successTime, ...rest }) => ({
    combine_mchid: mchid,
    combine_appid: appid,
    combine_out_trade_no: `C${rest.out_trade_no}`.slice(0, 32),
    combine_payer_info: payer,
    scene_info: { device_id: 'POS1:1' },
    sub_orders: [
      {
        mchid,
        ...rest,
        success_time: spellTime(successTime ?? '', 'milliseconds'),
        amount: {
          total_amount: amount.total,
          payer_amount: amount.payer_total,
          currency: 'CNY',
          payer_currency: 'CNY',
        },
      },
    ],
  }),
  'profit-sharing': ({
    mchid,
    transaction_id: transactionId,
    amount,
    success_time: successTime,
    ...rest
  }) => ({
    mchid,
    transaction_id: transactionId,
    order_id: `30${randomDigits(26)}`,
    out_order_no: `P${rest.out_trade_no}`,
    receiver: {
      type: 'MERCHANT_ID',
      account: neighbourOf(mchid),
      amount: amount.total,
      description: '分账给商户',
    },
    success_time: successTime,
  }),
}

/** Describes the payment as the notifications of another product do, whose event_type in the field is the same. */
export const asProduct = (product: Product): FalseTransaction => products[product]
