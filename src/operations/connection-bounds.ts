import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { addressBlock } from './address-block.ts'
import { clientAddress } from './client-address.ts'
import { createCounter } from './counter.ts'
import type { ServerLimits } from './server-limits.ts'

/** Why a request is not served, as it is told to the client. */
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
   * Tells that a request begins. `subject` emits `close` when it has ended: its response, or the socket of an upgrade.
   * Returns why it must not be served; undefined when it may.
   */
  began(request: IncomingMessage, subject: EventEmitter): Refusal | undefined
}

/** A connection over a bound has this long to send the request that is then refused, in milliseconds. */
const REFUSED_MS = 1000

/** A connection without a request for so long is not used, in milliseconds; of a newer one the request may be on its way. */
const MIN_IDLE_MS = 1000

/** Notifications are served over any bound: no number of strangers may keep the news of a payment out. */
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
 * Nothing is open yet. Without trusted proxies an address is counted by its connections. With them, all connections are
 * the proxies', which bound their own, so that an address is counted by its requests under way.
 */
export function boundConnections(limits: Limits, trustedProxies: number): ConnectionBounds {
  const ofAddress = createCounter<string>()
  const underWay = createCounter<Socket>()
  /** Since when connections have no request, by `performance.now()`; the one that has waited longest first. */
  const waiting = new Map<Socket, number>()
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

  /** When there are too many, those go first that nobody uses. */
  function makeSpace(newcomer: Socket): boolean {
    if (open <= limits.connections) return true
    const [[idle, since] = [newcomer, Infinity]] = waiting
    if (performance.now() - since < MIN_IDLE_MS) return false
    waiting.delete(idle)
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
    waiting.set(socket, performance.now())
    socket.once('close', () => {
      open -= 1
      waiting.delete(socket)
    })
    if (!makeSpace(socket)) return refuse(socket, because.ofAll)
    if (trustedProxies > 0) return
    if (!take(addressBlock(socket.remoteAddress ?? 'unknown'), socket)) refuse(socket, because.ofAddress)
  }

  function began(request: IncomingMessage, subject: EventEmitter): Refusal | undefined {
    const { socket } = request
    waiting.delete(socket)
    underWay.add(socket)
    subject.once('close', () => {
      underWay.remove(socket)
      if (underWay.of(socket) === 0 && !socket.destroyed) waiting.set(socket, performance.now())
    })
    const isAdmitted = trustedProxies === 0 || take(clientAddress(request, trustedProxies), subject)
    if (ALWAYS_SERVED.test(request.url ?? '')) return undefined
    return isAdmitted ? refused.get(socket) : because.ofAddress
  }

  return { opened, began }
}
