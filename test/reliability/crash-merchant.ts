import { graphql } from '../support/graphql.ts'
import type { CrashRig } from './crash-rig.ts'

/** The payers of a round; the first one's payment is created with the order. */
export const PAYERS = ['o-payer-1', 'o-payer-2'] as const

/** Longer than any round lasts. */
const DAY_MS = 86_400_000

const CREATE = `mutation ($input: CreateOrderInput!) { answer: createOrder(input: $input) { kind: __typename
  ... on CreateOrderSuccess { order { id } payment { wechatpay { package } } } } }`
const START = `mutation ($input: StartPaymentInput!) { answer: startPayment(input: $input) { kind: __typename
  ... on StartPaymentSuccess { order { id } } } }`
const CLOSE = `mutation ($id: ID!) { answer: closeOrder(orderId: $id) { kind: __typename
  ... on OrderSuccess { order { id } } } }`

interface Answered {
  readonly kind: string
  readonly order?: { readonly id: string }
}

async function ask(rig: CrashRig, query: string, variables: object): Promise<Answered | undefined> {
  const { data } = await graphql<{ answer: Answered }>(rig.gatewayUrl, rig.merchant.apiKey, {
    query,
    variables,
  })
  return data?.answer
}

function paidBy(openid: string): object {
  return { payment: { wechatpay: { openid } } }
}

/**
 * Creates an order until that succeeds, and once more: the same call gives the same order.
 * @returns the ids that were answered
 */
export async function createTwice(
  rig: CrashRig,
  outTradeNo: string,
  lifetimeMs = DAY_MS,
): Promise<readonly string[]> {
  const input = {
    outTradeNo,
    description: 'tea',
    amount: { total: 100 },
    expiresAt: new Date(Math.ceil(Date.now() / 1000) * 1000 + lifetimeMs).toISOString(),
    ...paidBy(PAYERS[0]),
  }
  const create = async (): Promise<string | undefined> => (await ask(rig, CREATE, { input }))?.order?.id
  return [await rig.persist('createOrder', create), await rig.persist('createOrder, repeated', create)]
}

/** Starts the payment of a payer once; the kind of the answer, undefined when there is none. */
export async function startOnce(rig: CrashRig, orderId: string, openid: string): Promise<string | undefined> {
  return (await ask(rig, START, { input: { orderId, ...paidBy(openid) } }))?.kind
}

/** Starts the second payer's payment until that succeeds. */
export async function startSecond(rig: CrashRig, orderId: string): Promise<void> {
  await rig.persist('startPayment', async () => {
    const kind = await startOnce(rig, orderId, PAYERS[1])
    return kind === 'StartPaymentSuccess' ? kind : undefined
  })
}

/** Closes an order once; whether the answer says that it has ended, undefined when there is no answer. */
export async function closeOnce(rig: CrashRig, id: string): Promise<boolean | undefined> {
  const answer = await ask(rig, CLOSE, { id })
  return answer && ['OrderSuccess', 'OrderNotPayable'].includes(answer.kind)
}
