import { ApiError } from './api-error.ts'
import type { Clock } from './clock.ts'
import type { Deliver, Posted } from './deliver.ts'
import { afterAttempts } from './delivery.ts'
import type { Log } from './log.ts'
import type { Attempt, Notification } from './notification.ts'

/** Delivers notifications and keeps delivering until they are accepted or the schedule is over. */
export type Notifier = {
  /** Takes a notification on; its first attempt starts with the next `start`. */
  readonly add: (notification: Notification) => void
  /** Plans the next attempt of a pending notification. */
  readonly start: (id: string) => void
  /** Sends once now, outside the schedule. @throws {ApiError} RESOURCE_NOT_EXISTS */
  readonly redeliver: (id: string) => Promise<Attempt>
  readonly all: () => readonly Notification[]
  /** Stops the schedule and breaks off attempts under way; they count as not made. */
  readonly close: () => Promise<void>
}

type Deps = {
  readonly deliver: Deliver
  readonly now: Clock
  readonly log: Log
  /** Scales the waits between attempts; 1 is the real schedule. */
  readonly timeFactor: number
  /** Called after each change; what it returns is awaited before the next attempt is planned. */
  readonly commit: () => Promise<void>
}

/** The notifications by id, and what attempts made of them. */
type Book = {
  readonly get: (id: string) => Notification
  readonly add: Notifier['add']
  readonly record: (id: string, attempts: readonly [Attempt, ...(readonly Attempt[])]) => Promise<void>
  readonly all: Notifier['all']
}

function openBook(kept: readonly Notification[], { log, timeFactor, commit }: Deps): Book {
  const notifications = new Map(kept.map((notification) => [notification.id, notification]))
  const get = (id: string): Notification => {
    const notification = notifications.get(id)
    if (notification) return notification
    throw new ApiError(404, 'RESOURCE_NOT_EXISTS', { message: '通知不存在' })
  }
  const record: Book['record'] = async (id, attempts) => {
    const after = afterAttempts(get(id), attempts, timeFactor)
    notifications.set(id, after)
    const { outTradeNo, state } = after
    for (const { at: _at, answer: _answer, ...facts } of attempts) {
      log.info({ notification: id, outTradeNo, state, ...facts }, 'notification attempt')
    }
    await commit()
  }
  const add = (notification: Notification): void => void notifications.set(notification.id, notification)
  return { get, add, record, all: () => [...notifications.values()] }
}

/** Starts a notifier with the notifications that were kept from an earlier run; `start` makes each go on. */
export function createNotifier(kept: readonly Notification[], deps: Deps): Notifier {
  const { log, now } = deps
  const book = openBook(kept, deps)
  const timers = new Map<string, NodeJS.Timeout>()
  const underWay = new Set<Promise<unknown>>()
  const stop = new AbortController()

  const attempt = async (id: string, manual: boolean): Promise<Attempt> => {
    const toAttempt = (posted: Posted): Attempt => ({ ...posted, manual })
    const [first, ...copies] = await deps.deliver(book.get(id), stop.signal)
    const result = toAttempt(first)
    if (!stop.signal.aborted) await book.record(id, [result, ...copies.map(toAttempt)])
    return result
  }
  const track = (work: Promise<Attempt>): Promise<Attempt> => {
    underWay.add(work)
    const forget = (): boolean => underWay.delete(work)
    work.then(forget, forget)
    return work
  }
  const runScheduled = async (id: string): Promise<void> => {
    timers.delete(id)
    if (book.get(id).state !== 'PENDING') return
    try {
      await track(attempt(id, false))
      start(id)
    } catch (err) {
      log.error({ err, notification: id }, 'a notification attempt could not be kept')
    }
  }
  const start = (id: string): void => {
    const { nextAttemptAt } = book.get(id)
    if (nextAttemptAt === undefined || stop.signal.aborted || timers.has(id)) return
    const wait = Math.max(0, new Date(nextAttemptAt).getTime() - now().getTime())
    timers.set(
      id,
      setTimeout(() => void runScheduled(id), wait),
    )
  }
  const redeliver = async (id: string): Promise<Attempt> => track(attempt(book.get(id).id, true))
  const close = async (): Promise<void> => {
    stop.abort()
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
    await Promise.allSettled(underWay)
  }
  return { add: book.add, start, redeliver, all: book.all, close }
}
