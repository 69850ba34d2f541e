import { once } from 'node:events'
import {
  createServer,
  request,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'

/** What a network can refuse to carry. */
export type Traffic = 'websocket' | 'sse' | 'long-poll' | 'http'

/** A network between a page and a gateway that can be as bad as a real one. */
export interface Network {
  /** Where the gateway seems to be. */
  readonly url: string
  /** Every request that arrived, with what kind of traffic it was. */
  readonly requests: readonly { readonly traffic: Traffic; readonly path: string }[]
  /** From now on this traffic, and nothing else, is refused. */
  block(...traffic: readonly Traffic[]): void
  /** Breaks every connection. */
  cut(): void
  /** From now on the answers over HTTP say that the gateway's clock is so many milliseconds ahead. */
  shiftClock(milliseconds: number): void
}

/** A network in front of the gateway at `url`; everything is ended after the test. */
export async function openNetwork(url: string): Promise<Network> {
  const target = new URL(url)
  const sockets = new Set<Duplex>()
  const requests: { traffic: Traffic; path: string }[] = []
  let blocked: readonly Traffic[] = []
  let aheadMs = 0

  function headersOf({ headers }: IncomingMessage): OutgoingHttpHeaders {
    return aheadMs === 0 ? headers : { ...headers, date: new Date(Date.now() + aheadMs).toUTCString() }
  }
  function passes(traffic: Traffic, { url: path = '' }: IncomingMessage): boolean {
    requests.push({ traffic, path })
    return !blocked.includes(traffic)
  }

  function onRequest(incoming: IncomingMessage, response: ServerResponse): void {
    if (!passes(trafficOf(incoming), incoming)) return void incoming.socket.destroy()
    const { url: path, method, headers } = incoming
    const outgoing = request({
      host: target.hostname,
      port: target.port,
      path,
      method,
      headers,
      agent: false,
    })
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, headersOf(answer))
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    outgoing.on('error', () => response.destroy())
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }

  function onUpgrade(incoming: IncomingMessage, page: Duplex): void {
    if (!passes('websocket', incoming)) return void page.destroy()
    const gateway = connect(Number(target.port), target.hostname)
    const lines = [`GET ${incoming.url} HTTP/1.1`]
    for (const [name, value] of Object.entries(incoming.headers)) lines.push(`${name}: ${String(value)}`)
    gateway.write(`${lines.join('\r\n')}\r\n\r\n`)
    tie(page, gateway)
  }

  const server = createServer(onRequest)
  server.on('upgrade', onUpgrade)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const cut = (): void => sockets.forEach((socket) => void socket.destroy())
  onTestFinished(() => {
    server.close()
    cut()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    cut,
    block: (...traffic) => {
      blocked = traffic
    },
    shiftClock: (milliseconds) => void (aheadMs = milliseconds),
  }
}

function trafficOf({ url = '' }: IncomingMessage): Traffic {
  if (url.startsWith('/graphql/stream')) return 'sse'
  return url.startsWith('/orders/') ? 'long-poll' : 'http'
}

/** What ends one ends the other. */
function tie(one: Duplex, other: Duplex): void {
  const end = (): void => {
    one.destroy()
    other.destroy()
  }
  for (const side of [one, other]) side.on('error', end).on('close', end)
  one.pipe(other).pipe(one)
}
