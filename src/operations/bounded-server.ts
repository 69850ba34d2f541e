import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { boundConnections, type Refusal } from './connection-bounds.ts'
import { createRequestQueue } from './request-queue.ts'
import { serverLimits, type ServerLimits } from './server-limits.ts'
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './stream-limits.ts'
import { WebSocketUpgradable } from './websocket-upgrade.ts'

/** Trusted proxies, and what differs from the default limits. */
export interface BoundedServerOptions {
  /** How many proxies in front append to `X-Forwarded-For`; none when absent. */
  readonly trustedProxies?: number
  readonly streamLimits?: Partial<Pick<StreamLimits, 'connectionsPerAddress'>>
  readonly serverLimits?: Partial<ServerLimits>
}

/** Interval at which requests are checked against their time-out, in milliseconds; Node's default is 30 seconds. */
const CHECK_PAUSE_MS = 1000

/** After the gateway ended its side, the client has this long to end its own, in milliseconds. */
const LINGER_MS = 1000

/** Connections accepted over the bound, to refuse their requests with an answer and to serve notifications. */
const CONNECTIONS_OVER_BOUND = 1000

const RETRY_AFTER_SECONDS = 5

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] })
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'retry-after': String(RETRY_AFTER_SECONDS),
    // Pages of any origin may call the API and read why they were refused; the answer contains nothing secret.
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Retry-After',
    connection: 'close',
  })
  response.end(body)
}

function refuseUpgrade(socket: Duplex, { status }: Pick<Refusal, 'status'>): void {
  const retry = `Retry-After: ${RETRY_AFTER_SECONDS}\r\nConnection: close\r\nContent-Length: 0`
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${retry}\r\n\r\n`)
}

/**
 * Closes connections in two steps: our side first, and the connection when the client has ended its side or after a second.
 * Closing at once resets the connection of a client that is still sending, and the client cannot read its refusal.
 */
function closeInTwoSteps(socket: Socket): void {
  socket.destroySoon = () => void socket.end()
  socket.once('finish', () => {
    const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref()
    socket.once('close', () => clearTimeout(cut))
  })
}

/**
 * Creates a server that enforces its limits. `served` never listens: requests and upgrades within the bounds are emitted on it,
 * and the others are answered here.
 */
export function createBoundedServer({ trustedProxies = 0, streamLimits, ...options }: BoundedServerOptions) {
  const { connectionsPerAddress } = { ...DEFAULT_STREAM_LIMITS, ...streamLimits }
  const limits = { ...serverLimits(connectionsPerAddress), ...options.serverLimits }
  const bounds = boundConnections(limits, trustedProxies)
  const served = createServer()
  const server = createServer({
    requestTimeout: limits.requestMs,
    headersTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(CHECK_PAUSE_MS, limits.requestMs / 2),
    keepAliveTimeout: limits.keepAliveMs,
    IncomingMessage: WebSocketUpgradable,
    // Checked when the request is served, for the same reason as expectations.
    requireHostHeader: false,
  })
  // A client that half-closes after its request still reads the answer.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.maxConnections = limits.connections + CONNECTIONS_OVER_BOUND
  server.on('connection', (socket) => {
    closeInTwoSteps(socket)
    bounds.opened(socket)
  })
  const unmetExpectations = new WeakSet<IncomingMessage>()
  const queue = createRequestQueue((request, response) => {
    const refusal = bounds.began(request, response)
    response.shouldKeepAlive &&= !bounds.isOver(request.socket)
    if (refusal !== undefined) return refuse(response, refusal)
    const { headers, httpVersion } = request
    const isHostMissing = headers.host === undefined && httpVersion === '1.1'
    if (isHostMissing) response.writeHead(400, { connection: 'close' }).end()
    else if (unmetExpectations.has(request)) response.writeHead(417).end()
    else served.emit('request', request, response)
  })
  server.on('request', queue.arrived)
  // Without a listener Node itself answers at once, however many such requests there are.
  server.on('checkExpectation', (request, response) => {
    unmetExpectations.add(request)
    queue.arrived(request, response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (queue.isWaiting(request.socket)) return void socket.destroy()
    const refusal = bounds.began(request, request.socket)
    if (refusal !== undefined) refuseUpgrade(socket, refusal)
    else if (!served.emit('upgrade', request, socket, head)) refuseUpgrade(socket, { status: 503 })
  })
  return { server, served }
}
