// Sends far more than a gateway should have to answer, from a process of its own, until it is told to stop.
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import type { BytesFlood, Flood, HttpFlood, SocketFlood } from './flood.ts'

const flood = JSON.parse(process.argv[2] ?? '') as Flood
const counts = new Map<string, number>()
const OPEN_AT_ONCE = 100

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

/** `$N` is another number each time, so that no two documents are the same. */
function numbered(text: string, number: number): string {
  return text.replaceAll('$N', String(number))
}

function report(kind: 'flooding' | 'counts'): void {
  process.send?.({ kind, counts: Object.fromEntries(counts) })
}

let sent = 0

function sendRequest({ url, path, query, authorization }: HttpFlood, agent: Agent): Promise<void> {
  sent += 1
  const body = JSON.stringify({ query: numbered(query, sent) })
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(path.endsWith('/stream') && { accept: 'text/event-stream' }),
    ...(authorization !== undefined && { authorization: numbered(authorization, sent) }),
  }
  return new Promise((resolve) => {
    const ended = (what: string): void => {
      count(what)
      resolve()
    }
    request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => ended(String(response.statusCode)))
    })
      .on('error', () => ended('broken'))
      .end(body)
  })
}

async function floodOverHttp(http: HttpFlood): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: http.clients })
  const one = async (): Promise<never> => {
    for (;;) await sendRequest(http, agent)
  }
  const clients = Array.from({ length: http.clients }, one)
  report('flooding')
  await Promise.all(clients)
}

function codeIn(payload: unknown): string {
  return /"code":"(\w+)"/.exec(JSON.stringify(payload))?.[1] ?? 'error'
}

function open({ url, authorization }: SocketFlood): Promise<WebSocket | undefined> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  return new Promise((resolve) => {
    socket.once('open', () => {
      const payload = authorization === undefined ? {} : { authorization }
      socket.send(JSON.stringify({ type: 'connection_init', payload }))
    })
    socket.once('message', () => resolve(socket))
    socket.once('close', () => resolve(undefined))
    socket.once('error', () => count('broken'))
  })
}

function ask(socket: WebSocket, { query, operations, isEndless }: SocketFlood): void {
  let left = operations
  const subscribe = (): void => {
    sent += 1
    socket.send(
      JSON.stringify({ type: 'subscribe', id: String(sent), payload: { query: numbered(query, sent) } }),
    )
  }
  socket.on('message', (data: Buffer) => {
    const { type, payload } = JSON.parse(data.toString()) as {
      readonly type: string
      readonly payload: unknown
    }
    if (type === 'next' || type === 'error')
      count(JSON.stringify(payload).includes('"errors"') || type === 'error' ? codeIn(payload) : 'answered')
    if (type !== 'complete' && type !== 'error') return
    if (isEndless) subscribe()
    else left -= 1
    if (left === 0) count('sockets that were answered')
  })
  socket.on('close', (code) => count(`closed with ${code}`))
  for (let operation = 0; operation < operations; operation += 1) subscribe()
}

async function floodOverSockets(flood: SocketFlood): Promise<void> {
  const opened: WebSocket[] = []
  while (opened.length < flood.sockets) {
    const batch = Math.min(OPEN_AT_ONCE, flood.sockets - opened.length)
    const sockets = await Promise.all(Array.from({ length: batch }, () => open(flood)))
    opened.push(...sockets.filter((socket) => socket !== undefined))
    if (sockets.includes(undefined)) break
  }
  for (const socket of opened) ask(socket, flood)
  report('flooding')
}

const WRITE_BYTES = 60 * 1024
const RECONNECT_MS = 20

/** Sends the bytes on one connection after the other. */
function sendBytes(flood: BytesFlood, bytes: Buffer): void {
  const { url, head, repeated } = flood
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) }).resume()
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  }
  socket.write(Buffer.from(head || repeated, 'latin1'))
  socket.on('connect', more).on('drain', more)
  socket.on('error', () => undefined)
  socket.on('close', () => {
    count('connections that were closed')
    setTimeout(sendBytes, RECONNECT_MS, flood, bytes)
  })
}

function floodWithBytes(flood: BytesFlood): void {
  const times = Math.ceil(WRITE_BYTES / flood.repeated.length)
  const bytes = Buffer.from(flood.repeated.repeat(times), 'latin1')
  for (let connection = 0; connection < flood.connections; connection += 1) sendBytes(flood, bytes)
  report('flooding')
}

process.on('message', () => {
  report('counts')
  process.disconnect()
  process.exit()
})
if (flood.transport === 'http') await floodOverHttp(flood)
else if (flood.transport === 'websocket') await floodOverSockets(flood)
else floodWithBytes(flood)
