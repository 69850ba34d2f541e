import type { ChaosRig } from './chaos-rig.ts'
import type { Company } from './company.ts'

/** How much happened in a run. */
export interface Figures {
  readonly orders: number
  readonly payments: number
  readonly watchers: number
  readonly pages: number
  /** Events that watchers were told, all together. */
  readonly told: number
  /** The longest list of events that a watcher was told. */
  readonly longest: number
  /** Connections that the watchers made, all together. */
  readonly connections: number
  /** Calls of the merchant that were repeated, by what became of them before. */
  readonly repetitions: Readonly<Record<string, number>>
  /** Attempts to deliver a notification, by what became of them: a status, or an error of the connection. */
  readonly deliveries: Readonly<Record<string, number>>
  readonly seconds: number
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function countDeliveries({ deliveries }: ChaosRig['platform']): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { status, error = 'no answer' } of deliveries) {
    const what = String(status ?? error)
    counts[what] = (counts[what] ?? 0) + 1
  }
  return counts
}

/** Counts what happened since `startedAt`. */
export function figuresOf(rig: ChaosRig, { audiences, repetitions }: Company, startedAt: number): Figures {
  const watchers = audiences.flatMap((audience) => audience.watchers)
  return {
    orders: audiences.length,
    payments: sum(audiences.map(({ order }) => order.payments.length)),
    watchers: watchers.length,
    pages: sum(audiences.map(({ pages }) => pages.length)),
    told: sum(watchers.map(({ seqs }) => seqs.length)),
    longest: Math.max(0, ...watchers.map(({ seqs }) => seqs.length)),
    connections: sum(watchers.map(({ connections }) => connections())),
    repetitions,
    deliveries: countDeliveries(rig.platform),
    seconds: Math.round((performance.now() - startedAt) / 1000),
  }
}

function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).map(([what, count]) => `${what}: ${count}`)
  return entries.length === 0 ? 'none' : entries.join(', ')
}

/** The same in a few lines to print. */
export function describe(figures: Figures): readonly string[] {
  const { orders, payments, watchers, pages, told, longest, connections, repetitions, deliveries, seconds } =
    figures
  return [
    `${orders} orders, ${payments} payments, ${watchers} watchers and ${pages} pages, ${seconds} s.`,
    `${told} events told (at most ${longest} to one watcher) over ${connections} connections.`,
    `Notifications, by answer: ${list(deliveries)}. Calls of the merchant that were repeated: ${list(repetitions)}.`,
  ]
}
