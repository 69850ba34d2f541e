import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { addressBlock } from './address-block.ts'
import { clientAddress } from './client-address.ts'
import { createCounter } from './counter.ts'
import type { ServerLimits } from './server-limits.ts'

/** Why a request is not served, as sent to the client. */
export interface Refusal {
  readonly status: 429 | 503
  readonly code: 'TOO_MANY_REQUESTS' | 'UNAVAILABLE'
  readonly message: string
}

/** Counts the connections of a server, of each address and in all. */
export interface ConnectionBounds {
  /** Counts a new connection until it is closed. */
  opened(socket: Socket): void
  /**
   * Counts a request until `subject` (its response, or the socket of an upgrade) emits `close`. Returns why it must not be
   * served; undefined when it may.
   */
  began(request: IncomingMessage, subject: EventEmitter): Refusal | undefined
  /** True for a connection that was opened over a bound: it must not be kept after its answer. */
  isOver(socket: Socket): boolean
}

/** A connection over a bound has this long to send its request, which is then refused, in milliseconds. */
const REFUSED_MS = 1000

/** A connection that was idle for this long can be closed for a new one, in milliseconds. */
const MIN_IDLE_MS = 1000

/** Notifications are served over any bound: other clients must not be able to block them. */
const ALWAYS_SERVED = /^\/notify\//

type Limits = Pick<ServerLimits, 'connections' | 'connectionsPerAddress'>

function refusals({ connections, connectionsPerAddress }: Limits) {
  const ofAddress = `One address may have ${connectionsPerAddress} connections at once; close one, or try again later.`
  const ofAll = `This process has all the ${connections} connections that it may have; try again later.`
  return {
    ofAddress: { status: 429, code: 'TOO_MANY_REQUESTS', message: ofAddress },
    ofAll: { status: 503, code: 'UNAVAILABLE', message: ofAll },
  } as const
}

/**
 * Creates the bounds, with no connection open. Without trusted proxies an address is counted by its connections. With them,
 * all connections are the proxies', so an address is counted by its open requests and streams.
 */
export function boundConnections(limits: Limits, trustedProxies: number): ConnectionBounds {
  const ofAddress = createCounter<string>()
  const underWay = createCounter<Socket>()
  /** Connections without a request and since when, by `performance.now()`; longest idle first. */
  const idleSince = new Map<Socket, number>()
  const refused = new WeakMap<Socket, Refusal>()
  const because = refusals(limits)
  let open = 0

  /** Counts one more of an address, when there may be one. */
  function take(address: string, until: EventEmitter): boolean {
    const isOver = ofAddress.of(address) >= limits.connectionsPerAddress
    ofAddress.add(address)
    until.once('close', () => ofAddress.remove(address))
    return !isOver
  }

  /** At the bound of the process, closes the connection that has been idle for longest. False when there is none. */
  function closeIdle(newcomer: Socket): boolean {
    if (open <= limits.connections) return true
    const [[idle, since] = [newcomer, Infinity]] = idleSince
    if (performance.now() - since < MIN_IDLE_MS) return false
    idleSince.delete(idle)
    idle.destroy()
    return true
  }

  function refuse(socket: Socket, refusal: Refusal): void {
    refused.set(socket, refusal)
    const cut = setTimeout(() => {
      if (underWay.of(socket) === 0) socket.destroy()
    }, REFUSED_MS).unref()
    socket.once('close', () => clearTimeout(cut))
  }

  function opened(socket: Socket): void {
    open += 1
    idleSince.set(socket, performance.now())
    socket.once('close', () => {
      open -= 1
      idleSince.delete(socket)
    })
    if (!closeIdle(socket)) return refuse(socket, because.ofAll)
    if (trustedProxies > 0) return
    if (!take(addressBlock(socket.remoteAddress ?? 'unknown'), socket)) refuse(socket, because.ofAddress)
  }

  function began(request: IncomingMessage, subject: EventEmitter): Refusal | undefined {
    const { socket } = request
    idleSince.delete(socket)
    underWay.add(socket)
    subject.once('close', () => {
      underWay.remove(socket)
      if (underWay.of(socket) === 0 && !socket.destroyed) idleSince.set(socket, performance.now())
    })
    const isAdmitted = trustedProxies === 0 || take(clientAddress(request, trustedProxies), subject)
    if (ALWAYS_SERVED.test(request.url ?? '')) return undefined
    return isAdmitted ? refused.get(socket) : because.ofAddress
  }

  return { opened, began, isOver: (socket) => refused.has(socket) }
}
