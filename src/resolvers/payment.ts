import { PaymentError } from '../domain/errors.ts'
import { createOrder } from '../orders/create-order.ts'
import type { PaymentInput } from '../orders/payment-choice.ts'
import { startPayment } from '../orders/start-payment.ts'
import type { PageParameters } from '../platforms/platform.ts'
import { readVisibleOrder, requireCaller } from './access.ts'
import { asProblem } from './errors.ts'
import type { MutationResolvers, PaymentInput as PaymentChoiceInput } from './schema-types.generated.ts'

function paymentOf(input: PaymentChoiceInput | null | undefined): PaymentInput | undefined {
  const wechatpay = input?.wechatpay
  if (wechatpay === null || wechatpay === undefined) return undefined
  return { platform: 'WECHATPAY', payerId: wechatpay.openid, appId: wechatpay.appId ?? undefined }
}

function started({ wechatpay }: PageParameters) {
  return { wechatpay: wechatpay ?? null }
}

/** Mutations that create and pay orders. */
export const paymentMutations: Pick<MutationResolvers, 'createOrder' | 'startPayment'> = {
  async createOrder(_root, { input }, context) {
    const { merchantId } = requireCaller(context, 'merchant')
    const { outTradeNo, description, amount, expiresAt, metadata, payment } = input
    try {
      const created = await createOrder(context.gateway, merchantId, {
        outTradeNo,
        description,
        amount: { total: amount.total, currency: amount.currency ?? 'CNY' },
        expiresAt: expiresAt ?? undefined,
        metadata,
        payment: paymentOf(payment),
      })
      return {
        __typename: 'CreateOrderSuccess',
        order: created.order,
        accessToken: await context.gateway.tokens.issue(created.order),
        payment: created.parameters === undefined ? null : started(created.parameters),
      }
    } catch (error) {
      return asProblem(error, [
        'InvalidInput',
        'OutTradeNoConflict',
        'PlatformRefused',
        'PlatformUnavailable',
      ])
    }
  },

  async startPayment(_root, { input }, context) {
    const caller = requireCaller(context, 'merchant', 'order-holder')
    try {
      const order = await readVisibleOrder(context, caller, input.orderId)
      if (order === undefined) throw new PaymentError('NOT_FOUND', `There is no order ${input.orderId}.`)
      const payment = await startPayment(context.gateway, order, paymentOf(input.payment))
      return { __typename: 'StartPaymentSuccess', order: payment.order, payment: started(payment.parameters) }
    } catch (error) {
      return asProblem(error, [
        'InvalidInput',
        'NotFound',
        'OrderNotPayable',
        'PlatformRefused',
        'PlatformUnavailable',
      ])
    }
  },
}
