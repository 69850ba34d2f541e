import { setTimeout as delay } from 'node:timers/promises'
import { graphql } from '../support/graphql.ts'

/** A merchant's backend that asks until it is answered, as it may: every call can be repeated. */
export interface MerchantClient {
  /** @throws when there is no answer for a minute */
  ask<T>(query: string, variables: object): Promise<T>
  /** Why calls had to be repeated so far, and how often. */
  readonly repetitions: Readonly<Record<string, number>>
}

type Outcome<T> = { readonly data: T } | { readonly reason: string }

const PATIENCE_MS = 60_000
const ANSWER_MS = 15_000
const PAUSE_MS = 50

/** The innermost reason: what `fetch` itself says is always the same. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return reasonOf(error.cause)
  return 'code' in error ? String(error.code) : error.message
}

/** A client of the gateway at `url`. */
export function merchantClient(url: string, apiKey: string): MerchantClient {
  const repetitions: Record<string, number> = {}

  async function call<T>(query: string, variables: object): Promise<Outcome<T>> {
    const { data, errors } = await graphql<T>(url, apiKey, { query, variables })
    if (errors.length === 0 && data) return { data }
    return { reason: errors[0]?.extensions?.code ?? errors[0]?.message ?? 'no data' }
  }
  function once<T>(query: string, variables: object): Promise<Outcome<T>> {
    const silence = delay(ANSWER_MS, { reason: 'silence' }, { ref: false })
    const answer = call<T>(query, variables).catch((error: unknown) => ({ reason: reasonOf(error) }))
    return Promise.race([answer, silence])
  }

  return {
    repetitions,
    async ask<T>(query: string, variables: object): Promise<T> {
      const deadline = performance.now() + PATIENCE_MS
      while (performance.now() < deadline) {
        const outcome = await once<T>(query, variables)
        if ('data' in outcome) return outcome.data
        repetitions[outcome.reason] = (repetitions[outcome.reason] ?? 0) + 1
        await delay(PAUSE_MS)
      }
      throw new Error(
        `For ${PATIENCE_MS / 1000} s there was no answer to: ${query} ${JSON.stringify(variables)}`,
      )
    },
  }
}
