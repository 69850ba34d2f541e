import type { JsapiParameters } from '../client/bridge.ts'
import { ask, type Endpoint, isRefusalCode, property, RequestError, textOf } from '../client/graphql.ts'
import { ORDER_FIELDS, readOrder } from '../client/order.ts'
import { type PayOrder, readJsapiParameters, toPayOrder } from './order.ts'
import type { Problem } from './state.ts'

/** What became of starting a payment. With a problem there may come the order as it is instead, e.g. already paid. */
export type Started =
  | { readonly kind: 'parameters'; readonly parameters: JsapiParameters }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly order: PayOrder | null }
  | { readonly kind: 'link-refused' }

/**
 * Starts or resumes the payment. Variable: `id`. The gateway's sentences are for merchants and operators, not for payers,
 * and are not asked for.
 */
export const START = `mutation ($id: ID!) { startPayment(input: { orderId: $id }) {
  __typename
  ... on StartPaymentSuccess { payment { wechatpay { appId timeStamp nonceStr package signType paySign } } }
  ... on OrderNotPayable { order { ${ORDER_FIELDS} } }
  ... on PlatformRefused { code } } }`

/** Starts or resumes the payment and says what to do next. */
export async function startPayment(endpoint: Endpoint, id: string): Promise<Started> {
  try {
    const { data } = await ask(endpoint, { query: START, variables: { id } })
    return readStarted(property(data, 'startPayment'))
  } catch (error) {
    const isRefused = error instanceof RequestError && isRefusalCode(error.code)
    return isRefused ? { kind: 'link-refused' } : problem('unreachable')
  }
}

function readStarted(result: unknown): Started {
  switch (property(result, '__typename')) {
    case 'StartPaymentSuccess':
      return readParameters(property(result, 'payment'))
    case 'NotFound':
      return { kind: 'link-refused' }
    case 'OrderNotPayable':
      return { ...problem('shop'), order: readPayOrder(property(result, 'order')) }
    case 'PlatformUnavailable':
      return problem('unavailable')
    case 'PlatformRefused':
      return problem('refused', textOf(result, 'code'))
    default:
      return problem('shop')
  }
}

function readParameters(payment: unknown): Started {
  const parameters = readJsapiParameters(payment)
  return parameters === null ? problem('shop') : { kind: 'parameters', parameters }
}

function problem(kind: Problem['kind'], code = ''): Extract<Started, { readonly kind: 'problem' }> {
  return { kind: 'problem', problem: { kind, code }, order: null }
}

function readPayOrder(value: unknown): PayOrder | null {
  const order = readOrder(value)
  return order === null ? null : toPayOrder(order)
}
