import {
  type Connected,
  type Connection,
  isPhoneOffline,
  keepConnected,
  type TransportName,
  type Way,
} from './connection.ts'
import { createGrace } from './grace.ts'
import { isRefusal, property } from './graphql.ts'
import { overLongPoll } from './long-poll.ts'
import { readOrder, type WatchedOrder } from './order.ts'
import { persist } from './persist.ts'
import { createReader, type Reading } from './reader.ts'
import { overSse } from './sse.ts'
import { createTeller, type Listeners } from './teller.ts'
import { onWake } from './wake.ts'
import { overWebsocket } from './websocket.ts'

/** What to watch, and whom to tell. */
export interface WatchOptions extends Listeners {
  /** Where the gateway is, absolute, e.g. `https://pay.example.com`. */
  readonly url: string
  /** An order's access token, or another credential that may read the order. */
  readonly token: string
  /** May be left out with an order's access token. */
  readonly orderId?: string
  /** Called when news begins or ceases to arrive, and when it arrives another way; null: none has been tried yet. */
  readonly onConnection?: (connection: Connection, transport: TransportName | null) => void
  /**
   * For how long a closed order is still watched: money that was on its way makes it PAID. Begins anew whenever the page
   * is seen again. @default 900_000 // 15 minutes, in which the platform reports a payment six times
   */
  readonly closedGraceMs?: number
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

/**
 * Watches an order until it is PAID, or has been CLOSED for a while, or the token is refused: over WebSocket where that
 * gets through, else SSE, else long polling. Lost connections are made again with the same cursor, for as long as it
 * takes; and whenever the page is seen again or the phone has a network again, the order is asked for at once.
 */
export function watchOrder(options: WatchOptions): OrderWatch {
  const gateway = gatewayOf(options)
  const reader = createReader({ ...gateway, url: `${gateway.base}/graphql` })
  const tell = changesOnly(options.onConnection)
  const stopWaking = onWake(() => void refresh())
  const teller = createTeller(options, release)
  let connected: Connected | undefined

  function take(reading: Reading): boolean {
    if (reading.kind === 'refused') teller.end('refused')
    if (reading.kind === 'order') offer(reading.order)
    return reading.kind === 'order'
  }

  function offer(order: WatchedOrder): void {
    const before = teller.order
    teller.offer(order)
    if (teller.order !== before) linger()
  }

  /** Money that was on its way when the order was closed makes it PAID. */
  function linger(): void {
    if (!teller.hasEnded && teller.order?.status === 'CLOSED') grace.begin()
  }

  const refused = (): void => teller.end('refused')
  const read = async (): Promise<boolean> => take(await reader.read(teller.order?.id ?? options.orderId))
  const first = persist(read, { success: connect, miss: () => tell(whyNot(), null) })
  const grace = createGrace(
    { ask: read, success: () => teller.end('closed'), miss: linger, unseen: () => connected?.stop() },
    options.closedGraceMs,
  )

  function connect(): void {
    connected = keepConnected({
      transports: waysAvailable(),
      wanted: { ...gateway, orderId: teller.order?.id ?? '', after: () => teller.order?.seq ?? 0 },
      result: (result) => (isRefusal(result) ? refused() : eventsIn(result).forEach(offer)),
      news: read,
      refused,
      onConnection: tell,
    })
  }

  function release(): void {
    first.stop()
    stopWaking()
    grace.stop()
    connected?.stop()
  }

  async function refresh(): Promise<boolean> {
    if (teller.isStopped) return false
    linger()
    if (!teller.hasEnded && connected === undefined) return first.now()
    if (!teller.hasEnded) connected?.renew()
    return read()
  }

  async function confirm(): Promise<boolean> {
    if (teller.isStopped || teller.order === null) return refresh()
    return take(await reader.confirm(teller.order.id))
  }

  void first.now()
  return { refresh, confirm, now: reader.now, stop: teller.stop }
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
