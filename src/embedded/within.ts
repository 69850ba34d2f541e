import { setTimeout as delay } from 'node:timers/promises'

/** Waits for a promise, but no longer than `ms` milliseconds; undefined when the time is up. Leaves no timer behind. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const done = new AbortController()
  try {
    return await Promise.race([promise, delay(ms, undefined, { signal: done.signal })])
  } finally {
    done.abort()
  }
}
