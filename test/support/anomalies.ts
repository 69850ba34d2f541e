import { expect } from 'vitest'
import type { TestGateway } from './gateway.ts'
import { graphql } from './graphql.ts'
import type { OrderView } from './orders.ts'

/** An anomaly as the API shows it. */
export interface AnomalyView {
  readonly id: string
  readonly kind: string
  readonly detail: string
  readonly transactionId: string | null
  readonly amount: { readonly total: number; readonly currency: string } | null
  readonly detectedAt: string
  readonly resolvedAt: string | null
  readonly resolution: string | null
}

const ANOMALY_FIELDS =
  'id kind detail transactionId amount { total currency } detectedAt resolvedAt resolution'

/** Reads what is wrong with an order, on behalf of whoever holds the credential. */
export async function anomaliesOf(
  { url }: TestGateway,
  { id }: Pick<OrderView, 'id'>,
  credential: string,
): Promise<readonly AnomalyView[]> {
  const { data } = await graphql<{ order: { anomalies: readonly AnomalyView[] } | null }>(url, credential, {
    query: `query ($id: ID!) { order(id: $id) { anomalies { ${ANOMALY_FIELDS} } } }`,
    variables: { id },
  })
  if (!data?.order) throw new Error(`There is no order ${id} for this caller.`)
  return data.order.anomalies
}

/** The orders with, or without, an anomaly, on behalf of whoever holds the credential. */
export async function ordersWithAnomaly(
  { url }: TestGateway,
  hasAnomaly: boolean,
  credential: string,
): Promise<readonly string[]> {
  const { data, errors } = await graphql<{ orders: { nodes: readonly { id: string }[] } }>(url, credential, {
    query: 'query ($yes: Boolean!) { orders(filter: { hasAnomaly: $yes }) { nodes { id } } }',
    variables: { yes: hasAnomaly },
  })
  expect(errors).toEqual([])
  return data?.orders.nodes.map(({ id }) => id) ?? []
}

/** What resolveAnomaly is called with. */
export interface Resolving {
  readonly orderId: string
  readonly anomalyId: string
  readonly resolution: string
}

/** What resolveAnomaly answers, whichever member of the union it is. */
export interface ResolveAnswer {
  readonly __typename: string
  readonly message?: string
  readonly order?: {
    readonly seq: number
    readonly anomalies: readonly AnomalyView[]
    readonly events: readonly { readonly type: string; readonly source: string }[]
  }
}

/** Calls resolveAnomaly and gives back all that is said. */
export function resolveAnomaly({ url }: TestGateway, resolving: Resolving, credential: string | undefined) {
  return graphql<{ resolveAnomaly: ResolveAnswer }>(url, credential, {
    query: `mutation ($orderId: ID!, $anomalyId: ID!, $resolution: String!) {
      resolveAnomaly(orderId: $orderId, anomalyId: $anomalyId, resolution: $resolution) { __typename
        ... on OrderSuccess { order { seq anomalies { ${ANOMALY_FIELDS} } events { type source } } }
        ... on Problem { message } } }`,
    variables: { ...resolving },
  })
}
