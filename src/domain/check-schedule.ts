import type { Order } from './order.ts'

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

/** Nobody asks past the expiry without having asked at it: that is when the order is closed. */
function notPast(dueAt: number, expiresAt: Date, now: Date): Date {
  return new Date(expiresAt > now ? Math.min(dueAt, expiresAt.getTime()) : dueAt)
}

/** The schedule of an order after a change of its status; undefined leaves it, null ends it. */
export function checkAfterChange(
  { before, after }: { readonly before: Order | undefined; readonly after: Order },
  ladder: Ladder,
  now: Date,
): Check | null | undefined {
  if (before?.status === after.status) return undefined
  switch (after.status) {
    case 'CREATED':
      return { dueAt: after.expiresAt, rung: 0 }
    case 'PENDING':
      return { dueAt: notPast(now.getTime() + wait(ladder, 0), after.expiresAt, now), rung: 0 }
    case 'PAID':
    case 'CLOSED':
      return null
  }
}

/** The next rung, counted from now: a question that was due long ago is not asked several times over. */
export function nextCheck(
  expiresAt: Date,
  rung: number,
  { ladder, now }: { readonly ladder: Ladder; readonly now: Date },
): Check {
  return { dueAt: notPast(now.getTime() + wait(ladder, rung + 1), expiresAt, now), rung: rung + 1 }
}
