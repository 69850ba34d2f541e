import { ApiError } from './api-error.ts'
import type { CallKind, Fault } from './fault-kinds.ts'

/** A fault that waits for its next victim, or is still at work on the last one. */
export type ActiveFault = Fault & {
  readonly id: string
  /** How many deliveries or calls it has struck. */
  readonly hits: number
  /** How many of those are still on their way, held back by it. */
  readonly underWay: number
}

/** What a fault may strike: a delivery of an order's notification, or a call about an order. */
export type Subject = {
  readonly mchId?: string | undefined
  readonly outTradeNo?: string | undefined
  readonly call?: CallKind
}

/** A fault at work on one delivery or call. */
export type Hit<F extends Fault> = {
  readonly fault: F
  /** Aborts when somebody takes the fault away: whatever it holds back may go. */
  readonly removed: AbortSignal
  /** To be called once the delivery or call is over. */
  readonly end: () => void
}

/** The faults that somebody asked for; in memory only, so that a restart heals everything. */
export type Faults = {
  readonly add: (fault: Fault) => ActiveFault
  /** Oldest first. */
  readonly list: () => readonly ActiveFault[]
  /** @throws {ApiError} RESOURCE_NOT_EXISTS */
  readonly remove: (id: string) => void
  /** Lets one fault at most strike: the one with the narrowest target, and among equals the oldest. */
  readonly take: <F extends Fault>(
    subject: Subject,
    isFitting: (fault: Fault) => fault is F,
  ) => Hit<F> | undefined
  /** Takes all faults away. */
  readonly clear: () => void
}

type Entry = {
  readonly id: string
  readonly fault: Fault
  readonly removal: AbortController
  hits: number
  underWay: number
}

/** The things that a target may name. */
const aimsOf = ({ target = {} }: Fault): readonly (readonly [string, string | undefined])[] =>
  Object.entries(target).filter(([, aim]) => aim !== undefined)

const isAimedAt = (fault: Fault, subject: Subject): boolean =>
  aimsOf(fault).every(([name, aim]) => Reflect.get(subject, name) === aim)

const isSpent = ({ fault, hits }: Entry): boolean => fault.times !== 'always' && hits >= fault.times

const view = ({ id, fault, hits, underWay }: Entry): ActiveFault => ({ id, ...fault, hits, underWay })

/** Starts without faults; `onChange` is called whenever the list is another than before. */
export function createFaults(onChange: () => void): Faults {
  const entries = new Map<string, Entry>()
  let count = 0

  const add = (fault: Fault): ActiveFault => {
    const entry = { id: `fault-${++count}`, fault, removal: new AbortController(), hits: 0, underWay: 0 }
    entries.set(entry.id, entry)
    onChange()
    return view(entry)
  }
  const drop = (entry: Entry): void => {
    entries.delete(entry.id)
    entry.removal.abort()
    onChange()
  }
  const remove = (id: string): void => {
    const entry = entries.get(id)
    if (!entry) throw new ApiError(404, 'RESOURCE_NOT_EXISTS', { message: '故障不存在' })
    drop(entry)
  }
  const end = (entry: Entry): void => {
    entry.underWay -= 1
    if (isSpent(entry) && entry.underWay === 0) entries.delete(entry.id)
    onChange()
  }
  const take: Faults['take'] = (subject, isFitting) => {
    const ready = [...entries.values()]
      .filter((entry) => !isSpent(entry) && isAimedAt(entry.fault, subject))
      .sort((one, other) => aimsOf(other.fault).length - aimsOf(one.fault).length)
    for (const entry of ready) {
      const { fault, removal } = entry
      if (!isFitting(fault)) continue
      entry.hits += 1
      entry.underWay += 1
      onChange()
      return { fault, removed: removal.signal, end: () => end(entry) }
    }
    return undefined
  }
  const clear = (): void => {
    for (const entry of entries.values()) drop(entry)
  }
  return { add, list: () => [...entries.values()].map(view), remove, take, clear }
}
