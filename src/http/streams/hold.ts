import type { EventEmitter } from 'node:events'
import type { Release } from './seats.ts'

/** Keeps something for as long as a stream is open, and gives it back when it closes. */
export type Hold = (release: Release) => void

/** Holds until a response or a socket closes. One listener, whatever is held. */
export function holdWhileOpen(stream: EventEmitter): Hold {
  const held: Release[] = []
  stream.once('close', () => held.forEach((release) => release()))
  return (release) => void held.push(release)
}
