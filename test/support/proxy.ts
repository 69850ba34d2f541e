import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A proxy that opens tunnels (CONNECT) to one place, whatever host it is asked for. */
export interface TunnelProxy {
  readonly url: string
  /** What it was asked for, e.g. `api.example.com:443`. */
  readonly asked: readonly string[]
  /** The headers `Proxy-Authorization`, one of each request; absent ones are empty. */
  readonly credentials: readonly string[]
}

/**
 * Starts a proxy. It ends with the test.
 * @param target port of this machine that every tunnel leads to; without one every tunnel is refused with 403
 */
export async function openProxy(target?: number): Promise<TunnelProxy> {
  const asked: string[] = []
  const credentials: string[] = []
  const open = new Set<Socket>()

  function join(client: Socket, port: number): void {
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(server).pipe(client)
    })
    for (const socket of [client, server]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        server.destroy()
      })
    }
  }

  const proxy = createServer((_request, response) => response.writeHead(405).end())
  proxy.on('connect', ({ url = '', headers }: IncomingMessage, client: Socket) => {
    asked.push(url)
    credentials.push(headers['proxy-authorization'] ?? '')
    if (target === undefined) client.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    else join(client, target)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    proxy.close()
    for (const socket of open) socket.destroy()
  })
  const { port } = proxy.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked, credentials }
}
