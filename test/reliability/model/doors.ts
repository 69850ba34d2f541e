import { graphql } from '../../support/graphql.ts'
import type { World } from './world.ts'

/** What the API answered: the name of the union's member, and the order's id when there is one. */
export interface DoorAnswer {
  readonly kind: string
  readonly orderId: string | undefined
  readonly hasPayment: boolean
}

interface Member {
  readonly __typename: string
  readonly order?: { readonly id: string }
  readonly payment?: object | null
}

const CREATE = `mutation ($input: CreateOrderInput!) { answer: createOrder(input: $input) { __typename
  ... on CreateOrderSuccess { order { id } payment { wechatpay { package } } } } }`
const START = `mutation ($input: StartPaymentInput!) { answer: startPayment(input: $input) { __typename
  ... on StartPaymentSuccess { order { id } payment { wechatpay { package } } } } }`
const CONFIRM = `mutation ($id: ID!) { answer: confirmPayment(orderId: $id) { __typename
  ... on OrderSuccess { order { id } } } }`
const CLOSE = `mutation ($id: ID!) { answer: closeOrder(orderId: $id) { __typename
  ... on OrderSuccess { order { id } } } }`

const RESOLVE = `mutation ($id: ID!, $anomalyId: ID!) {
  answer: resolveAnomaly(orderId: $id, anomalyId: $anomalyId, resolution: "seen") { __typename
  ... on OrderSuccess { order { id } } } }`

async function ask(world: World, query: string, variables: object): Promise<DoorAnswer> {
  const { data, errors } = await graphql<{ answer: Member }>(world.gatewayUrl(), world.merchant.apiKey, {
    query,
    variables,
  })
  if (!data) throw new Error(`The API answered ${JSON.stringify(errors)}.`)
  const { __typename: kind, order, payment } = data.answer
  return { kind, orderId: order?.id, hasPayment: (payment ?? null) !== null }
}

function paymentBy(payer: string | undefined): object {
  return payer === undefined ? {} : { payment: { wechatpay: { openid: payer } } }
}

/** Calls createOrder. */
export function createOrder(
  world: World,
  order: { readonly outTradeNo: string; readonly total: number; readonly expiresAt: Date },
  payer: string | undefined,
): Promise<DoorAnswer> {
  const { outTradeNo, total, expiresAt } = order
  const input = { outTradeNo, description: 'tea', amount: { total }, expiresAt, ...paymentBy(payer) }
  return ask(world, CREATE, { input })
}

/** Calls startPayment. */
export function startPayment(world: World, orderId: string, payer: string): Promise<DoorAnswer> {
  return ask(world, START, { input: { orderId, ...paymentBy(payer) } })
}

/** Calls confirmPayment. */
export function confirmPayment(world: World, id: string): Promise<DoorAnswer> {
  return ask(world, CONFIRM, { id })
}

/** Calls closeOrder. */
export function closeOrder(world: World, id: string): Promise<DoorAnswer> {
  return ask(world, CLOSE, { id })
}

/** Calls resolveAnomaly. */
export function resolveAnomaly(world: World, id: string, anomalyId: string): Promise<DoorAnswer> {
  return ask(world, RESOLVE, { id, anomalyId })
}
