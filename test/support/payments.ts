import { verify } from 'node:crypto'
import { expect } from 'vitest'
import type { TestGateway } from './gateway.ts'
import { graphql } from './graphql.ts'
import { ORDER_FIELDS, type OrderView } from './orders.ts'

/** What startPayment answers, whichever member of the union it is. */
export interface StartPaymentAnswer {
  readonly __typename: string
  readonly order?: OrderView
  readonly payment?: { readonly wechatpay: PageParameters | null }
  readonly message?: string
  readonly field?: string
  readonly code?: string
}

/** What a page hands to the WeChat bridge. */
export type PageParameters = Readonly<Record<string, string>>

/** The mutation, with the variable `input`. */
export const START = `mutation ($input: StartPaymentInput!) { startPayment(input: $input) { __typename
  ... on StartPaymentSuccess { order { ${ORDER_FIELDS} }
    payment { wechatpay { appId timeStamp nonceStr package signType paySign } } }
  ... on OrderNotPayable { order { ${ORDER_FIELDS} } }
  ... on PlatformRefused { code }
  ... on InvalidInput { field }
  ... on Problem { message } } }`

/** Calls startPayment, as the first merchant unless told otherwise, and gives back its answer, whatever it is. */
export async function startPayment(
  gateway: TestGateway,
  input: { readonly orderId: string; readonly payment?: object },
  credential = gateway.merchant.apiKey,
): Promise<StartPaymentAnswer> {
  const { data, errors } = await graphql<{ startPayment: StartPaymentAnswer }>(gateway.url, credential, {
    query: START,
    variables: { input },
  })
  expect(errors).toEqual([])
  if (!data) throw new Error('startPayment gave no data.')
  return data.startPayment
}

/** The input for a payment by this payer. */
export function payer(openid: string, appId?: string) {
  return { wechatpay: { openid, ...(appId !== undefined && { appId }) } }
}

/** Checks page parameters as the WeChat client does, with the merchant's public key. */
export function expectSigned({ merchant }: TestGateway, parameters: PageParameters | null | undefined): void {
  const { appId, timeStamp, nonceStr, package: handle, paySign = '', signType } = parameters ?? {}
  expect(signType).toBe('RSA')
  expect(handle).toMatch(/^prepay_id=wx\w+$/)
  const message = Buffer.from([appId, timeStamp, nonceStr, handle, ''].join('\n'))
  expect(verify('sha256', message, merchant.publicKey, Buffer.from(paySign, 'base64'))).toBe(true)
}
