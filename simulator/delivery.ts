import type { Attempt, Notification } from './notification.ts'

/** Seconds to wait after each failed try before the next one: 15 re-sends within 24 h 4 min. */
export const retrySeconds: readonly number[] = [
  15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
]

const keptAttempts = 50

/** Whether the receiver took it: only the status decides, whatever the body says. */
export const isAccepted = ({ status, verdict }: Omit<Attempt, 'manual'>): boolean =>
  verdict === undefined && (status === 200 || status === 204)

/**
 * What a notification becomes by an attempt, or by several at the same moment. A scheduled failure moves the
 * schedule on; a manual one leaves it alone; a success ends it; and a failure never undoes a success.
 */
export function afterAttempts(
  notification: Notification,
  made: readonly [Attempt, ...(readonly Attempt[])],
  timeFactor: number,
): Notification {
  const [{ manual }] = made
  const { nextAttemptAt, ...before } = notification
  const attempts = [...notification.attempts, ...made].slice(-keptAttempts)
  const scheduledTries = notification.scheduledTries + (manual ? 0 : 1)
  const rest = { ...before, attempts, scheduledTries }
  if (made.some(isAccepted)) return { ...rest, state: 'DELIVERED' }
  if (notification.state !== 'PENDING') return rest
  if (made.some(({ verdict }) => verdict === 'LOST')) return { ...rest, state: 'LOST' }
  if (manual) return { ...rest, nextAttemptAt }
  const seconds = retrySeconds[scheduledTries - 1]
  if (seconds === undefined) return { ...rest, state: 'GAVE_UP' }
  const endedAt = Math.max(...made.map(({ at, milliseconds }) => new Date(at).getTime() + milliseconds))
  return { ...rest, nextAttemptAt: new Date(endedAt + seconds * 1000 * timeFactor).toISOString() }
}
