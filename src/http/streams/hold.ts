import type { EventEmitter } from 'node:events'
import type { Release } from '../operations/concurrency-limit.ts'

/** Keeps something for as long as a stream is open, and gives it back when it closes. */
export type Hold = (release: Release) => void

/**
 * Holds until a response or a socket closes; what is held after that is given back at once. One listener, whatever is
 * held.
 */
export function holdWhileOpen(stream: EventEmitter): Hold {
  const held: Release[] = []
  let isOpen = true
  stream.once('close', () => {
    isOpen = false
    held.forEach((release) => release())
  })
  return (release) => {
    if (isOpen) held.push(release)
    else release()
  }
}
