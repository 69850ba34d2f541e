import {
  type Connected,
  type Connection,
  isPhoneOffline,
  keepConnected,
  type TransportName,
  type Way,
} from './connection.ts'
import { isRefusal, property } from './graphql.ts'
import { overLongPoll } from './long-poll.ts'
import { type OrderStatus, readOrder, type WatchedOrder } from './order.ts'
import { persist } from './persist.ts'
import { createReader, type Reading } from './reader.ts'
import { overSse } from './sse.ts'
import { onWake } from './wake.ts'
import { overWebsocket } from './websocket.ts'

/** Why a watch ended by itself; `refused`: the token is unknown or expired, or there is no such order for it. */
export type WatchEnd = 'paid' | 'closed' | 'refused'

/** What to watch, and whom to tell. */
export interface WatchOptions {
  /** Where the gateway is, absolute, e.g. `https://pay.example.com`. */
  readonly url: string
  /** An order's access token, or another credential that may read the order. */
  readonly token: string
  /** May be left out with an order's access token. */
  readonly orderId?: string
  /** Takes the order as it is, then after every change: never an older state after a newer one, none twice. */
  readonly onChange: (order: WatchedOrder) => void
  /** Called when news begins or ceases to arrive, and when it arrives another way; null: none has been tried yet. */
  readonly onConnection?: (connection: Connection, transport: TransportName | null) => void
  /** Called once when the watch ended by itself, after `onChange`. */
  readonly onEnd?: (why: WatchEnd) => void
}

/** A running watch. */
export interface OrderWatch {
  /** Ends it for good and at once: nothing is called any more, and no timer, listener or connection is left. */
  stop(): void
  /** Asks for the order now and connects anew. Resolves with whether an answer came. */
  refresh(): Promise<boolean>
  /**
   * Has the gateway ask the payment platform, as one should after every answer of the phone's cashier. Resolves with
   * whether an answer came; what it was is told to `onChange`. Like `refresh`, it works after the watch ended by itself.
   */
  confirm(): Promise<boolean>
  /** Now by the gateway's clock as far as it is known, in milliseconds since 1970: phones are often minutes off. */
  now(): number
}

const END_OF: Readonly<Partial<Record<OrderStatus, WatchEnd>>> = { PAID: 'paid', CLOSED: 'closed' }

/**
 * Watches an order until it is PAID or CLOSED or the token is refused: over WebSocket where that gets through, else SSE,
 * else long polling. Lost connections are made again with the same cursor, for as long as it takes; and whenever the page
 * is seen again or the phone has a network again, the order is asked for at once.
 */
export function watchOrder(options: WatchOptions): OrderWatch {
  const gateway = gatewayOf(options)
  const reader = createReader({ ...gateway, url: `${gateway.base}/graphql` })
  const tell = changesOnly(options.onConnection)
  const stopWaking = onWake(() => void refresh())
  let known: WatchedOrder | null = null
  let connected: Connected | undefined
  let hasEnded = false
  let isStopped = false

  function offer(order: WatchedOrder): void {
    if (isStopped || (known !== null && order.seq <= known.seq)) return
    known = order
    const why = END_OF[order.status]
    const isEnd = why !== undefined && rest()
    options.onChange(order)
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- onChange may have called stop()
    if (isEnd && !isStopped) options.onEnd?.(why)
  }

  /** Leaves nothing running; tells whether anything was. */
  function rest(): boolean {
    if (hasEnded) return false
    hasEnded = true
    first.stop()
    stopWaking()
    connected?.stop()
    return true
  }

  const refused = (): void => void take({ kind: 'refused' })

  function take(reading: Reading): boolean {
    if (reading.kind === 'refused' && rest()) options.onEnd?.('refused')
    if (reading.kind === 'order') offer(reading.order)
    return reading.kind === 'order'
  }

  const read = async (): Promise<boolean> => take(await reader.read(known?.id ?? options.orderId))
  const first = persist(read, { success: connect, miss: () => tell(whyNot(), null) })

  function connect(): void {
    connected = keepConnected({
      transports: waysAvailable(),
      wanted: { ...gateway, orderId: known?.id ?? '', after: () => known?.seq ?? 0 },
      result: (result) => (isRefusal(result) ? refused() : eventsIn(result).forEach(offer)),
      news: read,
      refused,
      onConnection: tell,
    })
  }

  async function refresh(): Promise<boolean> {
    if (isStopped) return false
    if (!hasEnded && connected === undefined) return first.now()
    if (!hasEnded) connected?.renew()
    return read()
  }

  void first.now()
  return {
    refresh,
    now: reader.now,
    confirm: async () => !isStopped && (known === null ? refresh() : take(await reader.confirm(known.id))),
    stop() {
      isStopped = true
      rest()
    },
  }
}

function gatewayOf({ url, token }: WatchOptions) {
  return { base: url.replace(/(\/graphql)?\/*$/, ''), authorization: `Bearer ${token}` }
}

function eventsIn(result: unknown): readonly WatchedOrder[] {
  const order = readOrder(property(property(property(result, 'data'), 'orderEvents'), 'order'))
  return order === null ? [] : [order]
}

function whyNot(): Connection {
  return isPhoneOffline() ? 'offline' : 'reconnecting'
}

function waysAvailable(): readonly [...Way[], Way] {
  const websocket: Way[] = typeof WebSocket === 'function' ? [['websocket', overWebsocket]] : []
  const sse: Way[] = typeof ReadableStream === 'function' ? [['sse', overSse]] : []
  return [...websocket, ...sse, ['long-poll', overLongPoll]]
}

function changesOnly(listener: WatchOptions['onConnection']): NonNullable<WatchOptions['onConnection']> {
  let last = ''
  return (connection, transport) => {
    const now = `${connection} ${transport}`
    if (now === last) return
    last = now
    listener?.(connection, transport)
  }
}
