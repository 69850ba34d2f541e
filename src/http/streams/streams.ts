import type { Server } from 'node:http'
import type { Context } from 'koa'
import { createDepartures } from './departures.ts'
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from '../../operations/stream-limits.ts'
import { longPoll } from './long-poll.ts'
import type { StreamParts } from './prepare-operation.ts'
import { createSeats } from './seats.ts'
import { graphqlOverSse } from './sse.ts'
import { graphqlOverWebsocket } from './websocket.ts'

/** What the doors that keep a stream open are made of. */
export interface StreamsParts extends Pick<StreamParts, 'pipeline' | 'log' | 'readBody'> {
  /** What differs from the usual bounds. */
  readonly streamLimits?: Partial<StreamLimits>
}

/** The three doors that keep a stream open, with the bounds that they share. */
export interface Streams {
  readonly overSse: (context: Context) => Promise<void>
  readonly longPoll: (context: Context, orderId: string) => Promise<void>
  /** Takes the WebSocket upgrades of a server. */
  attach(server: Server): void
  /** True when no new stream is opened any more. */
  readonly isLeaving: boolean
  /** From now on no new stream is opened. */
  leave(): void
  /** Tells all clients to come back, and resolves when they were told. */
  depart(): Promise<void>
}

/** Opens the doors for streams. */
export function createStreams({ streamLimits, ...rest }: StreamsParts): Streams {
  const departures = createDepartures()
  const limits = { ...DEFAULT_STREAM_LIMITS, ...streamLimits }
  const parts = { ...rest, limits, departures, seats: createSeats(limits) }
  const websocket = graphqlOverWebsocket(parts)
  return {
    overSse: graphqlOverSse(parts),
    longPoll: longPoll(parts),
    attach: websocket.attach,
    get isLeaving() {
      return departures.isLeaving
    },
    leave: departures.leave,
    async depart() {
      await departures.departAll()
      await websocket.close()
    },
  }
}
