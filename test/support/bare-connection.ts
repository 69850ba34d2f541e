import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP connection on which the test writes the bytes itself. */
export interface BareConnection {
  readonly socket: Socket
  /** What was received so far. */
  received(): string
  /** Resolves when the other side has closed the connection. */
  readonly closed: Promise<void>
}

/** Opens a connection, half-open allowed, to the address of a server. It is ended after the test. */
export async function bareConnection(url: string): Promise<BareConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const closed = new Promise<void>((resolve) => {
    socket.once('end', resolve).once('close', () => resolve())
  })
  await once(
    socket.on('error', () => undefined),
    'connect',
  )
  return { socket, received: () => text, closed }
}

/** The head of a request as it goes over the wire, up to and with the empty line. */
export function requestHead(line: string, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries({ host: 'gateway', ...headers }).map(([name, value]) => `${name}: ${value}`)
  return `${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}
