/** An operation with its variables, ready to run. */
export interface Example {
  readonly query: string
  readonly variables: string
}

const CREATE_ORDER = `# Creates an order and starts its payment in one call.
# Run it twice: the same outTradeNo with the same input is the same order again, never a second one.
mutation CreateOrder($input: CreateOrderInput!) {
  createOrder(input: $input) {
    __typename
    ... on CreateOrderSuccess {
      accessToken
      order { id outTradeNo status amount { total currency } expiresAt }
      payment { wechatpay { appId timeStamp nonceStr package signType paySign } }
    }
    ... on InvalidInput { field }
    ... on PlatformRefused { code }
    ... on Problem { message }
  }
}
`

const ORDER = `# One order with its history. Ask by the merchant's own number, or by id.
query OrderByNumber($outTradeNo: String!) {
  order(outTradeNo: $outTradeNo) {
    id
    status
    amount { total currency }
    payerTotal
    transactionId
    paidAt
    refundState
    events { seq type source occurredAt }
    anomalies { kind detail }
  }
}
`

const ORDERS = `# The newest orders. Put a status into the filter, or page on with endCursor as "after".
query Orders($filter: OrderFilter, $first: Int, $after: String) {
  orders(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes { id outTradeNo description status amount { total currency } createdAt }
    pageInfo { hasNextPage endCursor }
  }
}
`

const ORDER_UPDATED = `# Put in an order's id and run: the order arrives as it is now, and again after every change.
subscription OrderUpdated($id: ID!) {
  orderUpdated(id: $id) { seq status platformState refundState updatedAt }
}
`

const ORDER_PAID = `# Rings once, when the money has arrived, and is then complete.
subscription OrderPaid($id: ID!) {
  orderPaid(id: $id) { id outTradeNo status paidAt transactionId payerTotal }
}
`

/**
 * The tabs that a first visitor finds.
 * @param outTradeNo the order number that the examples share
 */
export function examplesFor(outTradeNo: string): readonly Example[] {
  const input = {
    outTradeNo,
    description: 'West Lake Longjing, 50 g',
    amount: { total: 2_800, currency: 'CNY' },
    payment: { wechatpay: { openid: 'demo-playground' } },
  }
  const id = 'put an order id here'
  return [
    { query: CREATE_ORDER, variables: asJson({ input }) },
    { query: ORDER, variables: asJson({ outTradeNo }) },
    { query: ORDERS, variables: asJson({ filter: { status: ['CREATED', 'PENDING', 'PAID'] }, first: 10 }) },
    { query: ORDER_UPDATED, variables: asJson({ id }) },
    { query: ORDER_PAID, variables: asJson({ id }) },
  ]
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
