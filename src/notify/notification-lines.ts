import type { Platform } from '../domain/payment-fact.ts'
import type { Log } from '../operations/log.ts'
import { createTokenBuckets } from '../operations/token-buckets.ts'
import type { Receipt } from './receive-notification.ts'

/** The fields of one line. */
export interface LineFields extends Receipt {
  readonly platform: Platform
  readonly merchantId: string | undefined
  /** The platform's id of the delivery, for its support. */
  readonly requestId: string | undefined
  readonly status: number
  readonly ms: number
}

/** The log of received notifications. */
export interface NotificationLines {
  /** Writes the line of an accepted notification. Others have a bounded number of lines; the rest is counted. */
  write(fields: LineFields): void
  /** Writes the summary of what was counted and has no line yet. */
  close(): void
}

/** Lines of one kind of refusal: so many at once, and so many a second. There are fewer than twenty kinds. */
const LINES = { capacity: 10, perSecond: 1 } as const

/** How long refusals without a line are counted before a summary says how many there were, in milliseconds. */
const SUMMARY_MS = 10_000

/** What shares an allowance. Messages that only the platform can have signed have one of their own. */
function kindOf({ situation, signature }: Receipt): string {
  return signature === 'valid' ? `${situation} (signed)` : situation
}

/** What the platform sent has a line of its own, also when it could not be applied yet: its signature was good. */
function isTakenIn({ status, notificationId }: LineFields): boolean {
  return status < 300 || notificationId !== undefined
}

/** @param nowMs a monotonic clock, in milliseconds */
export function createNotificationLines(log: Log, nowMs?: () => number): NotificationLines {
  const allowance = createTokenBuckets({ ...LINES, ...(nowMs !== undefined && { nowMs }) })
  let counts: Record<string, number> = {}
  let timer: NodeJS.Timeout | undefined

  function summarize(): void {
    clearTimeout(timer)
    timer = undefined
    if (Object.keys(counts).length === 0) return
    log.warn({ counts }, 'notifications refused, without a line for each')
    counts = {}
  }

  return {
    write(fields) {
      const kind = kindOf(fields)
      if (isTakenIn(fields) || allowance.tryTake(kind)) {
        // A probe is the platform's own test of the gateway: there is nothing to do about it.
        const isExpected = fields.status < 300 || fields.situation === 'PROBE'
        log[isExpected ? 'info' : 'warn'](fields, 'notification')
        return
      }
      counts[kind] = (counts[kind] ?? 0) + 1
      timer ??= setTimeout(summarize, SUMMARY_MS).unref()
    },
    close: summarize,
  }
}
