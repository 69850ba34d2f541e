import { unsettledAttempts, type Order } from './order.ts'

/** When the platform is to be asked about an order next, and how often it was asked on schedule before. */
export interface Check {
  readonly dueAt: Date
  readonly rung: number
}

/** Waits between one scheduled question and the next, in milliseconds; the last one repeats. Never empty. */
export type Ladder = readonly [number, ...number[]]

function wait(ladder: Ladder, rung: number): number {
  return ladder[Math.min(rung, ladder.length - 1)] ?? ladder[0]
}

/**
 * Nobody asks past the expiry without having asked at it: that is when the order is closed. The ladder begins anew
 * there, so that a platform which cannot be reached at that moment is tried again soon.
 */
function notPast(check: Check, expiresAt: Date, now: Date): Check {
  return expiresAt > now && check.dueAt >= expiresAt ? { dueAt: expiresAt, rung: 0 } : check
}

function after(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds)
}

/** What was started and is not known to be paid is closed without delay: somebody could pay it a second time. */
function checkOfEnded(order: Order, now: Date): Check | null {
  return unsettledAttempts(order).length > 0 ? { dueAt: now, rung: 0 } : null
}

/** The schedule of an order after a change; undefined leaves it, null ends it. */
export function checkAfterChange(
  { before, after: order }: { readonly before: Order | undefined; readonly after: Order },
  ladder: Ladder,
  now: Date,
): Check | null | undefined {
  const isStarted = before !== undefined && before.attempts !== order.attempts
  // Somebody is about to pay, so that the ladder begins anew also for an order that waited long for its first payer.
  if (before?.status === order.status && !isStarted) return undefined
  switch (order.status) {
    case 'CREATED':
      return { dueAt: order.expiresAt, rung: 0 }
    case 'PENDING':
      return notPast({ dueAt: after(now, wait(ladder, 0)), rung: 0 }, order.expiresAt, now)
    case 'PAID':
      return checkOfEnded(order, now)
    case 'CLOSED':
      // All its payments are closed at the platform, but for one that was being started at that moment.
      return isStarted ? checkOfEnded(order, now) : null
  }
}

/** The next rung, counted from now: a question that was due long ago is not asked several times over. */
export function nextCheck(
  expiresAt: Date,
  check: Check,
  { ladder, now }: { readonly ladder: Ladder; readonly now: Date },
): Check {
  // Nobody looked at the expiry itself, so this is the question at it.
  const rung = check.dueAt < expiresAt && expiresAt <= now ? 0 : check.rung
  return notPast({ dueAt: after(now, wait(ladder, rung + 1)), rung: rung + 1 }, expiresAt, now)
}
