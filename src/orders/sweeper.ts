import { isDatabaseTrouble } from '../models/database-trouble.ts'
import type { DueOrder, OrderStore } from '../models/order.ts'
import type { AccountReadiness } from '../platforms/platform.ts'
import type { Questions } from './questions.ts'
import { createWorkQueues } from './work-queues.ts'

/** The most orders that one look finds. */
const BATCH = 200

/** The most merchants whose orders are looked for in one query. */
const MERCHANTS_AT_ONCE = 100

/** The most orders of one merchant that are asked about at the same time. */
const OF_ONE_MERCHANT = 8

/** So many orders are asked about at the same time, besides one of each merchant, and so many are kept that wait for it. */
const LIMITS = { overall: 32, waiting: 100, waitingOverall: 2000, waitingOfEach: OF_ONE_MERCHANT }

/** What a sweeper needs. */
export interface SweeperParts {
  readonly orders: Pick<OrderStore, 'due'>
  readonly questions: Questions
  /** Ids of the merchants whose orders are looked after. */
  readonly merchants: readonly string[]
  /** Whether calls of a merchant are sent. */
  readonly readiness: (merchantId: string) => AccountReadiness
  /** Claims an order and asks about it; false when it was not asked about. Nothing is taken up once the signal aborts. */
  readonly takeCare: (due: DueOrder, leaving?: AbortSignal) => Promise<boolean>
  readonly now: () => Date
}

/** Looks for due orders, and asks about them. */
export interface Sweeper {
  /**
   * Looks for what is due, and begins to take care of it: the orders of each merchant apart from those of the others.
   * Resolves when it has looked. What is not begun is found again by the next look.
   * @param leaving no further order is taken once it aborts; what is not taken stays due
   * @throws what kept an order from being taken care of since the last look, when the platform is not why
   */
  look(leaving?: AbortSignal): Promise<void>
  /** Resolves when nothing is under way any more. @returns how many orders were taken care of so far */
  settled(): Promise<number>
}

/** A due order, and the signal that aborts when no further order is to be taken. */
interface DueWork {
  readonly due: DueOrder
  readonly leaving: AbortSignal | undefined
}

function concurrencyOf({ readiness }: SweeperParts, merchantId: string): number {
  const now = readiness(merchantId)
  if (now === 'paused') return 0
  return now === 'trial' ? 1 : OF_ONE_MERCHANT
}

/**
 * Makes a sweeper. Any number of processes may have one: each scheduled query of an order is claimed by one conditional
 * write, by one of them, immediately before it is made.
 */
export function createSweeper(parts: SweeperParts): Sweeper {
  const { orders, questions, now, takeCare } = parts
  let taken = 0
  let failure: { readonly reason: unknown } | undefined

  const queues = createWorkQueues<DueWork>({
    limits: LIMITS,
    keyOf: ({ due }) => due.order.merchantId,
    idOf: ({ due }) => due.order.id,
    concurrencyOf: (merchantId) => concurrencyOf(parts, merchantId),
    mayBegin: ({ due, leaving }) =>
      leaving?.aborted !== true &&
      !isDatabaseTrouble(failure?.reason) &&
      questions.spend(due.order.merchantId, 'schedule'),
    async work({ due, leaving }) {
      try {
        if (await takeCare(due, leaving)) taken += 1
        else questions.giveBack(due.order.merchantId)
      } catch (reason) {
        failure ??= { reason }
      }
    },
  })

  /** A merchant of whom something was found is not looked at again: others must not wait behind its orders. */
  async function lookAt(merchants: readonly string[], leaving?: AbortSignal): Promise<void> {
    let others = merchants
    while (others.length > 0) {
      if (leaving?.aborted === true) return
      const found = await orders.due(now(), { limit: BATCH, merchants: others })
      queues.add(found.map((due) => ({ due, leaving })))
      if (found.length < BATCH) return
      const seen = new Set(found.map(({ order }) => order.merchantId))
      others = others.filter((merchantId) => !seen.has(merchantId))
    }
  }

  function throwFailure(): void {
    const failed = failure
    failure = undefined
    if (failed !== undefined) throw failed.reason
  }

  return {
    async look(leaving) {
      // Only trouble of the database is everybody's: what fails of one order keeps nobody else from being asked about.
      if (isDatabaseTrouble(failure?.reason)) throwFailure()
      for (let start = 0; start < parts.merchants.length; start += MERCHANTS_AT_ONCE) {
        const merchants = parts.merchants.slice(start, start + MERCHANTS_AT_ONCE)
        await lookAt(merchants.filter(queues.hasRoom), leaving)
      }
      throwFailure()
    },
    async settled() {
      await queues.settled()
      throwFailure()
      return taken
    },
  }
}
