import { setTimeout as delay } from 'node:timers/promises'
import { graphql } from '../support/graphql.ts'

/** A merchant's backend that asks until it is answered, as it may: every call can be repeated. */
export interface MerchantClient {
  /** @throws when there is no answer for a minute */
  ask<T>(query: string, variables: object): Promise<T>
  /** How many calls had to be repeated so far. */
  repetitions(): number
}

const PATIENCE_MS = 60_000
const ANSWER_MS = 15_000
const PAUSE_MS = 50

/** A client of the gateway at `url`. */
export function merchantClient(url: string, apiKey: string): MerchantClient {
  let repetitions = 0

  async function once<T>(query: string, variables: object): Promise<T | undefined> {
    const silence = delay(ANSWER_MS, undefined, { ref: false })
    const answer = graphql<T>(url, apiKey, { query, variables }).catch(() => undefined)
    const { data, errors } = (await Promise.race([answer, silence])) ?? {}
    return errors?.length === 0 ? (data ?? undefined) : undefined
  }

  return {
    repetitions: () => repetitions,
    async ask<T>(query: string, variables: object): Promise<T> {
      const deadline = performance.now() + PATIENCE_MS
      while (performance.now() < deadline) {
        const data = await once<T>(query, variables)
        if (data !== undefined) return data
        repetitions += 1
        await delay(PAUSE_MS)
      }
      throw new Error(
        `For ${PATIENCE_MS / 1000} s there was no answer to: ${query} ${JSON.stringify(variables)}`,
      )
    },
  }
}
