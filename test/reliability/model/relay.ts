import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** What stands between the platform and the gateway, and lets a notification through only when it is told to. */
export interface Relay {
  /** Where the platform believes the gateway to be. */
  readonly url: string
  /** Resolves when the platform has tried to deliver this notification by itself, which it does in vain. */
  arrived(notificationId: string): Promise<void>
  /** Lets deliveries of this notification through while `work` runs. */
  during<T>(notificationId: string, work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

const HOP_BY_HOP = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])

/** What the public URL has in front of the gateway's own paths after it has moved. */
const PREFIX = /^\/moved-\d+/

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string' && !HOP_BY_HOP.has(pair[0]),
    ),
  )
}

function idIn(body: Buffer): string {
  const { id } = JSON.parse(body.toString()) as { readonly id: string }
  return id
}

/** The gateway's status; 502 when it says nothing any more. */
async function forward(request: IncomingMessage, body: Buffer, gatewayUrl: string): Promise<number> {
  try {
    const response = await fetch(`${gatewayUrl}${(request.url ?? '').replace(PREFIX, '')}`, {
      method: 'POST',
      headers: headersOf(request),
      body: new Uint8Array(body),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 502
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** Opens the relay; `gatewayUrl` says where the gateway is at this moment. */
export async function openRelay(gatewayUrl: () => string): Promise<Relay> {
  const open = new Set<string>()
  const seen = new Set<string>()
  const watchers = new Map<string, () => void>()

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = await request.toArray()
    const body = Buffer.concat(chunks)
    const id = idIn(body)
    response.statusCode = open.has(id) ? await forward(request, body, gatewayUrl()) : 503
    response.end()
    seen.add(id)
    watchers.get(id)?.()
  }

  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    arrived: (id) =>
      new Promise((resolve) => {
        if (seen.has(id)) resolve()
        else watchers.set(id, resolve)
      }),
    async during(id, work) {
      open.add(id)
      try {
        return await work()
      } finally {
        open.delete(id)
      }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
