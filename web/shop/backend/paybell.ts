import { z } from 'zod'
import { ShopProblem } from './problem.ts'

/** What the gateway has to know to take money for an order. */
export interface NewOrder {
  /** The shop's own number: 6 to 32 characters. The same number again is the same order, never a second one. */
  readonly outTradeNo: string
  readonly description: string
  readonly totalFen: number
  /** Who pays, as WeChat calls the customer in this shop's app. */
  readonly openid: string
}

/** The merchant's side of the gateway. */
export interface Paybell {
  /**
   * Creates an order with a payment and resolves with the token that lets its customer, and nobody else, pay it.
   * @throws {ShopProblem} with what to tell the customer
   */
  createOrder(order: NewOrder): Promise<string>
}

/** How to reach the gateway, and as whom. */
export interface PaybellOptions {
  readonly gatewayUrl: string
  readonly apiKey: string
  /** @default 10_000 // 10 seconds */
  readonly timeoutMs?: number
}

/** Creates the order and starts its payment. Variable: `input`. */
export const CREATE_ORDER = `mutation CreateOrder($input: CreateOrderInput!) {
  createOrder(input: $input) {
    __typename
    ... on CreateOrderSuccess { accessToken }
    ... on Problem { message }
  }
}`

const reply = z.object({
  data: z
    .object({
      createOrder: z.object({
        __typename: z.string(),
        accessToken: z.string().optional(),
        message: z.string().optional(),
      }),
    })
    .nullish(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string().optional() }).optional() })).optional(),
})

type Reply = z.infer<typeof reply>

/** Speaks to the gateway with the merchant's key. */
export function createPaybell(options: PaybellOptions): Paybell {
  return {
    async createOrder(order) {
      const request = JSON.stringify({ query: CREATE_ORDER, variables: { input: inputOf(order) } })
      try {
        return readToken(await post(options, request))
      } catch (error) {
        // An answer that got lost is asked for again: with the same number, the gateway continues the same order.
        if (!(error instanceof ShopProblem) || error.code !== 'TRY_AGAIN') throw error
        return readToken(await post(options, request))
      }
    },
  }
}

function inputOf({ outTradeNo, description, totalFen, openid }: NewOrder) {
  return {
    outTradeNo,
    description,
    amount: { total: totalFen, currency: 'CNY' },
    payment: { wechatpay: { openid } },
  }
}

async function post(
  { gatewayUrl, apiKey, timeoutMs = 10_000 }: PaybellOptions,
  body: string,
): Promise<Reply> {
  try {
    const response = await fetch(`${gatewayUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    })
    return reply.parse(await response.json())
  } catch {
    throw new ShopProblem(503, 'TRY_AGAIN', 'The payment gateway could not be reached.')
  }
}

function readToken({ data, errors = [] }: Reply): string {
  if (errors.some(({ extensions }) => ['UNAUTHENTICATED', 'FORBIDDEN'].includes(extensions?.code ?? ''))) {
    throw new ShopProblem(500, 'SHOP_MISCONFIGURED', "The payment gateway does not accept this shop's key.")
  }
  if (data === null || data === undefined) {
    throw new ShopProblem(503, 'TRY_AGAIN', 'The payment gateway had a problem of its own.')
  }
  const { __typename: kind, accessToken, message = 'The payment gateway gave no reason.' } = data.createOrder
  if (accessToken !== undefined) return accessToken
  throw problemOf(kind, message)
}

function problemOf(kind: string, sentence: string): ShopProblem {
  switch (kind) {
    case 'PlatformUnavailable':
      return new ShopProblem(503, 'TRY_AGAIN', sentence)
    case 'OutTradeNoConflict':
      return new ShopProblem(409, 'TRY_AGAIN', sentence)
    case 'InvalidInput':
      return new ShopProblem(422, 'PAYMENT_REFUSED', sentence)
    default:
      return new ShopProblem(502, 'PAYMENT_REFUSED', sentence)
  }
}
