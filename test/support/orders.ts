import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { graphql } from './graphql.ts'
import type { TestGateway } from './gateway.ts'

/** The parts of an order that the tests look at. */
export const ORDER_FIELDS = `
  id outTradeNo description status seq transactionId payerTotal platform platformState paidAt expiresAt metadata
  amount { total currency }
  attempts { platformTradeNo platform appId }
  anomalies { kind detail }
  events { seq type source }
`

/** See ORDER_FIELDS. */
export interface OrderView {
  readonly id: string
  readonly outTradeNo: string
  readonly description: string
  readonly status: string
  readonly seq: number
  readonly transactionId: string | null
  readonly payerTotal: number | null
  readonly platform: string | null
  readonly platformState: string | null
  readonly paidAt: string | null
  readonly expiresAt: string
  readonly metadata: unknown
  readonly amount: { readonly total: number; readonly currency: string }
  readonly attempts: readonly {
    readonly platformTradeNo: string
    readonly platform: string
    readonly appId: string
  }[]
  readonly anomalies: readonly { readonly kind: string; readonly detail: string }[]
  readonly events: readonly { readonly seq: number; readonly type: string; readonly source: string }[]
}

/** What createOrder answers, whichever member of the union it is. */
export interface CreateOrderAnswer {
  readonly __typename: string
  readonly order?: OrderView
  readonly accessToken?: string
  readonly payment?: { readonly wechatpay: Readonly<Record<string, string>> | null } | null
  readonly message?: string
  readonly field?: string
  readonly code?: string
}

const CREATE = `mutation ($input: CreateOrderInput!) { createOrder(input: $input) { __typename
  ... on CreateOrderSuccess { order { ${ORDER_FIELDS} } accessToken
    payment { wechatpay { appId timeStamp nonceStr package signType paySign } } }
  ... on OutTradeNoConflict { order { ${ORDER_FIELDS} } }
  ... on PlatformRefused { code }
  ... on InvalidInput { field }
  ... on Problem { message } } }`

/** A number that no other test uses. */
export function freshTradeNo(): string {
  return `T${randomBytes(8).toString('hex')}`
}

/** The input of an order that nothing is wrong with. */
export function orderInput(changes: object = {}) {
  return {
    outTradeNo: freshTradeNo(),
    description: '龙井 Longjing tea',
    amount: { total: 100 },
    payment: { wechatpay: { openid: 'o-payer-1' } },
    ...changes,
  }
}

/** Calls createOrder, as the first merchant unless told otherwise, and gives back its answer, whatever it is. */
export async function createOrder(
  gateway: TestGateway,
  changes: object = {},
  credential = gateway.merchant.apiKey,
): Promise<CreateOrderAnswer> {
  const { data, errors } = await graphql<{ createOrder: CreateOrderAnswer }>(gateway.url, credential, {
    query: CREATE,
    variables: { input: orderInput(changes) },
  })
  expect(errors).toEqual([])
  if (!data) throw new Error('createOrder gave no data.')
  return data.createOrder
}

/** An order that a page could pay now. */
export async function payableOrder(
  gateway: TestGateway,
  changes: object = {},
  credential = gateway.merchant.apiKey,
) {
  const { __typename, order, accessToken, payment } = await createOrder(gateway, changes, credential)
  expect(__typename).toBe('CreateOrderSuccess')
  if (order === undefined || accessToken === undefined)
    throw new Error('createOrder succeeded without an order.')
  return { order, accessToken, parameters: payment?.wechatpay }
}

/** An order for which no payment was started. */
export function createdOrder(gateway: TestGateway, changes: object = {}) {
  return payableOrder(gateway, { payment: null, ...changes })
}

/** Reads an order. */
export async function readOrder(
  gateway: TestGateway,
  id: string,
  credential = gateway.merchant.apiKey,
): Promise<OrderView> {
  const { data, errors } = await graphql<{ order: OrderView | null }>(gateway.url, credential, {
    query: `query ($id: ID!) { order(id: $id) { ${ORDER_FIELDS} } }`,
    variables: { id },
  })
  expect(errors).toEqual([])
  if (!data?.order) throw new Error(`There is no order ${id}.`)
  return data.order
}
