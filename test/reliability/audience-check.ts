import { isDeepStrictEqual } from 'node:util'
import { fold } from '../../src/domain/evolve.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Audience } from './audience.ts'
import { historicalPart } from './history.ts'
import type { PageWatcher } from './page-watcher.ts'
import type { Watcher } from './watcher.ts'

/** What is wrong, one sentence each, by its kind. */
export interface Complaints {
  /** Events that are stored and did not come, and payments that were taken and are not there. */
  readonly lost: readonly string[]
  /** Events that came again. */
  readonly repeated: readonly string[]
  readonly wrong: readonly string[]
}

function upTo(newest: number): readonly number[] {
  return Array.from({ length: newest }, (_, index) => index + 1)
}

/** Whether somebody who watched has heard of everything there is. */
export function isUpToDate({ watchers, pages }: Audience, { seq }: Pick<Order, 'seq'>): boolean {
  const hasHeard = ({ seqs }: Watcher): boolean => seqs.at(-1) === seq
  const isDone = (page: PageWatcher): boolean => page.ended() !== undefined || page.seqs.at(-1) === seq
  return watchers.every(hasHeard) && pages.every(isDone)
}

function ofWatcher({ name, seqs, refusals }: Watcher, { seq, outTradeNo }: Order): Complaints {
  const who = `${outTradeNo}, ${name}`
  const list = `[${seqs.join(' ')}] of 1 to ${seq}`
  const missing = upTo(seq).filter((wanted) => !seqs.includes(wanted))
  const again = seqs.filter((told, index) => seqs.indexOf(told) !== index)
  const isSorted = seqs.every((told, index) => index === 0 || told > (seqs[index - 1] ?? 0))
  const isKnown = seqs.every((told) => told >= 1 && told <= seq)
  return {
    lost: missing.map((wanted) => `${who}: event ${wanted} never came: ${list}`),
    repeated: again.map((told) => `${who}: event ${told} came again: ${list}`),
    wrong: [
      ...(again.length > 0 || isSorted ? [] : [`${who}: not in order: ${list}`]),
      ...(isKnown ? [] : [`${who}: an event that is not stored: ${list}`]),
      ...refusals.map((refusal) => `${who}: sent away: ${refusal}`),
    ],
  }
}

/** A page sees states: never an older one after a newer one, and the last of them unless it ended by itself. */
function ofPage(page: PageWatcher, { seq, status, outTradeNo }: Order): Complaints {
  const { name, seqs } = page
  const who = `${outTradeNo}, ${name}`
  const list = `[${seqs.join(' ')}] of 1 to ${seq}, ended: ${page.ended() ?? 'no'}`
  const isRising = seqs.every((told, index) => index === 0 || told > (seqs[index - 1] ?? 0))
  const mayHaveEnded = page.ended() !== 'refused' && (status === 'PAID' || status === 'CLOSED')
  const isComplete = page.ended() === undefined ? seqs.at(-1) === seq : mayHaveEnded
  return {
    lost: isComplete ? [] : [`${who}: the newest state never came: ${list}`],
    repeated: [],
    wrong: isRising ? [] : [`${who}: went back: ${list}`],
  }
}

function ofOrder(stored: Order, { order }: Audience): Complaints {
  const { outTradeNo, events, transactions } = stored
  const known = new Set(transactions.map(({ transactionId }) => transactionId))
  const taken = new Set(order.payments.map(({ transactionId }) => transactionId))
  const missing = order.payments.filter(
    ({ transactionId, isReportedFalsely }) => !isReportedFalsely && !known.has(transactionId),
  )
  const isCounted = events.every(({ seq }, index) => seq === index + 1)
  return {
    lost: missing.map(({ transactionId }) => `${outTradeNo}: payment ${transactionId} is not there`),
    repeated: known.size < transactions.length ? [`${outTradeNo}: a payment is there twice`] : [],
    wrong: [
      ...(isCounted ? [] : [`${outTradeNo}: stored events ${events.map(({ seq }) => seq).join(' ')}`]),
      ...(isDeepStrictEqual(fold(events), historicalPart(stored))
        ? []
        : [`${outTradeNo}: its state is not its history`]),
      ...[...known].filter((id) => !taken.has(id)).map((id) => `${outTradeNo}: nobody paid ${id}`),
    ],
  }
}

/** Everything together. */
export function allComplaints(all: readonly Complaints[]): Complaints {
  return {
    lost: all.flatMap(({ lost }) => lost),
    repeated: all.flatMap(({ repeated }) => repeated),
    wrong: all.flatMap(({ wrong }) => wrong),
  }
}

/** Compares what is stored about an order with what happened to it and with what each of its watchers was told. */
export function complaintsOf(audience: Audience, stored: Order | undefined): Complaints {
  const { watchers, pages, order } = audience
  if (stored === undefined) return { lost: [`${order.outTradeNo}: the order`], repeated: [], wrong: [] }
  return allComplaints([
    ofOrder(stored, audience),
    ...watchers.map((watcher) => ofWatcher(watcher, stored)),
    ...pages.map((page) => ofPage(page, stored)),
  ])
}
