import { between, pick, shuffled } from './random.ts'

/** One thing that happens to an order. */
export type Step =
  | { readonly kind: 'start'; readonly payer: number }
  | {
      readonly kind: 'pay'
      /** Which of the order's payments, by its number among those that were started. */
      readonly attempt: number
      readonly fault: 'none' | 'duplicate' | 'wrong-amount' | 'wrong-payee'
    }
  | { readonly kind: 'redeliver' | 'close' | 'confirm' | 'resolve' }

/** What happens to one order, in this order, with pauses. */
export interface OrderLife {
  /** Whether the order is created together with its first payment. */
  readonly isBornPayable: boolean
  readonly steps: readonly (Step & { readonly pauseMs: number })[]
}

const FAULTS = ['none', 'none', 'duplicate', 'duplicate', 'wrong-amount', 'wrong-payee'] as const

/** Payments that were started, by one payer or by several. */
function starts(random: () => number): readonly Step[] {
  return Array.from({ length: between(1, 6, random()) }, (_, index) => ({ kind: 'start', payer: index + 1 }))
}

/** Only the first report of money may be false: nobody asks about an order that is paid already. */
function payments(random: () => number): readonly Step[] {
  const paid = shuffled([0, 1, 2, 3], random).slice(0, between(1, 4, random()))
  return paid.map((attempt, index) => {
    const fault = pick(FAULTS, random())
    return { kind: 'pay', attempt, fault: index > 0 && fault.startsWith('wrong') ? 'none' : fault }
  })
}

/** A life that gives an order a long history: several payers, money twice, money after closing, people who look at it. */
export function planLife(random: () => number, longestPauseMs: number): OrderLife {
  const others = (['redeliver', 'confirm', 'resolve', 'redeliver', 'resolve'] as const).map((kind) => ({
    kind,
  }))
  const closing: readonly Step[] = random() < 0.3 ? [{ kind: 'close' }] : []
  const money = payments(random).flatMap((step) => [step, pick(others, random())])
  const steps = [
    ...starts(random),
    ...closing,
    ...money,
    ...shuffled(others, random),
    { kind: 'resolve' } as const,
  ]
  return {
    isBornPayable: random() < 0.5,
    steps: steps.map((step) => ({ ...step, pauseMs: between(0, longestPauseMs, random()) })),
  }
}
