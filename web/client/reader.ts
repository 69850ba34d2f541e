import { ask, type Endpoint, isRefusalCode, type Operation, property, RequestError } from './graphql.ts'
import { CONFIRM, READ_ORDER, readOrder, type WatchedOrder } from './order.ts'

/** The order; or that this token will never see it; or that there was no answer, so that asking again may help. */
export type Reading =
  | { readonly kind: 'order'; readonly order: WatchedOrder }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unanswered' }

/** Reads one order by asking for it. */
export interface OrderReader {
  /** Without an id: the order that the token is for. */
  read(id: string | undefined): Promise<Reading>
  /** Has the gateway ask the payment platform first, if that can be asked. */
  confirm(id: string): Promise<Reading>
  /** Now by the gateway's clock as far as an answer told it, in milliseconds since 1970. */
  now(): number
}

/** Makes a reader. No promise of it ever rejects. */
export function createReader(endpoint: Endpoint): OrderReader {
  let aheadMs = 0

  async function request(operation: Operation, pick: (data: unknown) => unknown): Promise<Reading> {
    try {
      const { data, servedAtMs } = await ask(endpoint, operation)
      if (servedAtMs !== null) aheadMs = servedAtMs - Date.now()
      const order = readOrder(pick(data))
      return order === null ? { kind: 'refused' } : { kind: 'order', order }
    } catch (error) {
      const isRefused = error instanceof RequestError && isRefusalCode(error.code)
      return { kind: isRefused ? 'refused' : 'unanswered' }
    }
  }

  function read(id: string | undefined): Promise<Reading> {
    return request({ query: READ_ORDER, variables: { id } }, (data) => property(data, 'order'))
  }

  return {
    read,
    async confirm(id) {
      const confirmed = await request({ query: CONFIRM, variables: { id } }, (data) =>
        property(property(data, 'confirmPayment'), 'order'),
      )
      return confirmed.kind === 'order' ? confirmed : read(id)
    },
    now: () => Date.now() + aheadMs,
  }
}
