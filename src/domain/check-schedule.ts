import { endOf, hasEnded, isUnderReview, type Order } from './order.ts'
import { openNumbers, unpaidNumbers } from './trade-number.ts'

/** When the platform is to be asked about an order next, and how often it was asked on schedule before. */
export interface Check {
  readonly dueAt: Date
  readonly rung: number
  /** An earlier check that is due already stays: changes that come again and again must not put it off. */
  readonly isLatest?: true
}

/** Waits between one scheduled question and the next, in milliseconds; the last one repeats. Never empty. */
export type Ladder = readonly [number, ...number[]]

/** When the platform is asked. */
export interface PollSchedules {
  /** Of an order that can be paid, and of what is tried again after a failure. */
  readonly ladder: Ladder
  /** How long after the end of an order or a number it is asked again, in milliseconds, ascending: money may still arrive. */
  readonly closedSchedule: readonly number[]
}

/** After a wish to close that was not carried out, the sweep comes within this time, in milliseconds. */
const CLOSING_MS = 15_000

function wait(ladder: Ladder, rung: number): number {
  return ladder[Math.min(rung, ladder.length - 1)] ?? ladder[0]
}

/**
 * The platform is not asked past the expiry without having been asked at it: that is when the order is closed. The ladder
 * begins anew there, so that a platform which cannot be reached at that moment is tried again soon.
 */
function notPast(check: Check, { expiresAt }: Order, now: Date): Check {
  return expiresAt > now && check.dueAt >= expiresAt ? { dueAt: expiresAt, rung: 0 } : check
}

function after(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds)
}

/**
 * The next check of an order that has ended. What may still be payable is closed without delay; numbers that are closed are
 * asked about on `closedSchedule`, because a payment can arrive after the close. Null when there is nothing to ask.
 */
export function checkOfEnded(order: Order, { closedSchedule }: PollSchedules, now: Date): Check | null {
  if (openNumbers(order).length > 0) return { dueAt: now, rung: 0 }
  if (unpaidNumbers(order).length === 0) return null
  const dueAt = nextLate(endOf(order) ?? order.updatedAt, closedSchedule, now)
  return dueAt === undefined ? null : { dueAt, rung: 0 }
}

/** The next moment at which what has ended is asked about; undefined after the last one. */
function nextLate(end: Date, closedSchedule: readonly number[], now: Date): Date | undefined {
  return closedSchedule.map((offset) => after(end, offset)).find((moment) => moment > now)
}

/**
 * The next check of an order that has not ended, and that nobody can pay at a platform now: at its expiry, and before that on
 * `closedSchedule` after the end of each of its numbers, because a payment can arrive late.
 */
export function checkOfUnpayable(order: Order, { closedSchedule }: PollSchedules, now: Date): Check {
  const ends = unpaidNumbers(order).flatMap(({ endedAt }) => endedAt ?? [])
  const late = ends.flatMap((end) => nextLate(end, closedSchedule, now) ?? [])
  const earliest = [order.expiresAt, ...late].reduce((one, other) => (other < one ? other : one))
  return { dueAt: earliest, rung: 0 }
}

function checkOfOpen(order: Order, schedules: PollSchedules, now: Date): Check {
  const { ladder } = schedules
  if (order.closing !== null) return { dueAt: after(now, Math.min(wait(ladder, 0), CLOSING_MS)), rung: 0 }
  if (openNumbers(order).length === 0 && order.expiresAt > now) return checkOfUnpayable(order, schedules, now)
  return notPast({ dueAt: after(now, wait(ladder, 0)), rung: 0 }, order, now)
}

/** What a change of an order brings with it for its schedule. */
export interface Changed {
  /** Undefined for a new order. */
  readonly before: Order | undefined
  readonly after: Order
}

/** The schedule of an order after a change; undefined leaves it, null ends it. */
export function checkAfterChange(
  { before, after: order }: Changed,
  schedules: PollSchedules,
  now: Date,
): Check | null | undefined {
  if (before === undefined) return checkOfOpen(order, schedules, now)
  // A person has resolved what kept it from being closed.
  if (isUnderReview(before) && !isUnderReview(order) && !hasEnded(order))
    return { dueAt: now, rung: 0, isLatest: true }
  const isSame =
    before.status === order.status && before.numbers === order.numbers && before.closing === order.closing
  if (isSame) return undefined
  if (hasEnded(order)) return checkOfEnded(order, schedules, now)
  return { ...checkOfOpen(order, schedules, now), isLatest: true }
}

/** The next rung, counted from now: a question that was due long ago is not asked several times over. */
export function nextCheck(
  order: Order,
  check: Check,
  { ladder, now }: { readonly ladder: Ladder; readonly now: Date },
): Check {
  if (hasEnded(order) || order.closing !== null)
    return { dueAt: after(now, wait(ladder, check.rung + 1)), rung: check.rung + 1 }
  // It was not asked about at the expiry itself, so this is the question at it.
  const rung = check.dueAt < order.expiresAt && order.expiresAt <= now ? 0 : check.rung
  return notPast({ dueAt: after(now, wait(ladder, rung + 1)), rung: rung + 1 }, order, now)
}
