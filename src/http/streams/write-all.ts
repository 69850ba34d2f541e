import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** Waits until a response has taken what was written to it. One that takes longer than `stallMs` is broken off. */
export async function drained(response: ServerResponse, stallMs: number): Promise<void> {
  if (!response.writableNeedDrain) return
  const waiting = new AbortController()
  const { signal } = waiting
  const stalled = pause(stallMs, undefined, { signal }).then(() => void response.destroy())
  const ready = Promise.race([
    once(response, 'drain', { signal }),
    once(response, 'close', { signal }),
    stalled,
  ])
  await ready.finally(() => waiting.abort())
}

/** Writes what comes at the speed at which it is read, and ends the response, unless somebody else did. */
export async function writeAll(
  chunks: AsyncIterable<string>,
  response: ServerResponse,
  stallMs: number,
): Promise<void> {
  for await (const chunk of chunks) {
    if (response.writableEnded || response.destroyed) return
    response.write(chunk)
    await drained(response, stallMs)
  }
  response.end()
}
