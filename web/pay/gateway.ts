import { ask, property, RequestError, textOf } from '../client/graphql.ts'
import type { JsapiParameters } from '../client/bridge.ts'
import type { Answer, Endpoint, Operation } from '../client/graphql.ts'
import { ORDER_FIELDS, type PayOrder, readJsapiParameters, readOrder } from './order.ts'
import type { Problem } from './state.ts'

/** What became of starting a payment. With a problem there may come the order as it is instead, e.g. already paid. */
export type Started =
  | { readonly kind: 'parameters'; readonly parameters: JsapiParameters }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly order: PayOrder | null }
  | { readonly kind: 'link-refused' }

/** The order, or why there is none. */
export type Seen =
  | { readonly kind: 'order'; readonly order: PayOrder; readonly servedAtMs: number | null }
  | { readonly kind: 'link-refused' }
  | { readonly kind: 'unreachable' }

/** The operation that pushes the order now and after every change. Variable: `id`. */
export const ORDER_UPDATES = `subscription ($id: ID!) { orderUpdated(id: $id) { ${ORDER_FIELDS} } }`

/** The order that belongs to the token. */
export const OWN_ORDER = `{ order { ${ORDER_FIELDS} } }`
/** Has the gateway ask the platform. Variable: `id`. */
export const CONFIRM = `mutation ($id: ID!) { confirmPayment(orderId: $id) {
  __typename ... on OrderSuccess { order { ${ORDER_FIELDS} } } } }`
/** Starts or resumes the payment. Variable: `id`. */
export const START = `mutation ($id: ID!) { startPayment(input: { orderId: $id }) {
  __typename
  ... on StartPaymentSuccess { payment { wechatpay { appId timeStamp nonceStr package signType paySign } } }
  ... on OrderNotPayable { order { ${ORDER_FIELDS} } }
  ... on PlatformRefused { code }
  ... on Problem { message } } }`

/** Fetches the order that the link is for. */
export function seeOrder(endpoint: Endpoint): Promise<Seen> {
  return see(endpoint, { query: OWN_ORDER }, (data) => property(data, 'order'))
}

/** Has the gateway ask WeChat whether the money arrived, and fetches what it learnt. */
export async function confirmOrder(endpoint: Endpoint, id: string): Promise<Seen> {
  const confirmed = await see(endpoint, { query: CONFIRM, variables: { id } }, (data) =>
    property(property(data, 'confirmPayment'), 'order'),
  )
  return confirmed.kind === 'order' ? confirmed : seeOrder(endpoint)
}

/** Starts or resumes the payment and says what to do next. */
export async function startPayment(endpoint: Endpoint, id: string): Promise<Started> {
  try {
    const { data } = await ask(endpoint, { query: START, variables: { id } })
    return readStarted(property(data, 'startPayment'))
  } catch (error) {
    return isRefusal(error) ? { kind: 'link-refused' } : problem('unreachable', '')
  }
}

function readStarted(result: unknown): Started {
  const sentence = textOf(result, 'message')
  switch (property(result, '__typename')) {
    case 'StartPaymentSuccess':
      return readParameters(property(result, 'payment'))
    case 'NotFound':
      return { kind: 'link-refused' }
    case 'OrderNotPayable':
      return { ...problem('refused', sentence), order: readOrder(property(result, 'order')) }
    case 'PlatformUnavailable':
      return problem('unavailable', sentence)
    case 'PlatformRefused':
      return problem('refused', `${sentence} (${textOf(result, 'code')})`)
    default:
      return problem('refused', sentence)
  }
}

function readParameters(payment: unknown): Started {
  const parameters = readJsapiParameters(payment)
  return parameters === null ? problem('refused', '') : { kind: 'parameters', parameters }
}

function problem(kind: Problem['kind'], sentence: string): Extract<Started, { readonly kind: 'problem' }> {
  return { kind: 'problem', problem: { kind, sentence }, order: null }
}

async function see(
  endpoint: Endpoint,
  operation: Operation,
  pick: (data: unknown) => unknown,
): Promise<Seen> {
  let answer: Answer
  try {
    answer = await ask(endpoint, operation)
  } catch (error) {
    return { kind: isRefusal(error) ? 'link-refused' : 'unreachable' }
  }
  const order = readOrder(pick(answer.data))
  return order === null ? { kind: 'link-refused' } : { kind: 'order', order, servedAtMs: answer.servedAtMs }
}

function isRefusal(error: unknown): boolean {
  return error instanceof RequestError && ['UNAUTHENTICATED', 'FORBIDDEN'].includes(error.code)
}
