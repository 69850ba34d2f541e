import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** Something that carries TCP connections to gateways and knows nothing of what is said on them. */
export interface Balancer {
  readonly url: string
  /** Cuts connections, each when it is asked about and the answer is true; the answer is how many. */
  cut(isHit: () => boolean): number
  close(): Promise<void>
}

/** Where connections go, and how badly. */
export interface BalancerParts {
  /** The ports to try for a new connection, best first; what is connected already stays where it is. */
  readonly backends: () => readonly number[]
  /** Asked for each piece that a gateway says; true lets through half of it and cuts the connection. Absent: never. */
  readonly isTorn?: () => boolean
}

/** The first port that takes the connection. Nothing has been said yet, so that trying the next one loses nothing. */
async function reach(ports: readonly number[]): Promise<Socket | undefined> {
  for (const port of ports) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    const isReached = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    if (isReached) return socket
  }
  return undefined
}

function tearing(isTorn: () => boolean, tear: () => void): Transform {
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      const torn = isTorn()
      done(null, torn ? piece.subarray(0, piece.length / 2) : piece)
      if (torn) setImmediate(tear)
    },
  })
}

/** What is said arrives before the end does; what breaks one side breaks the other. */
function tie(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy()).on('close', () => other.end())
}

function cutOff(client: Socket): void {
  client.destroy(new Error('cut'))
}

/** Starts a balancer on a port of its own. */
export async function openBalancer({ backends, isTorn }: BalancerParts): Promise<Balancer> {
  const clients = new Set<Socket>()

  async function carry(client: Socket): Promise<void> {
    clients.add(client)
    client.on('error', () => undefined).on('close', () => clients.delete(client))
    const gateway = await reach(backends())
    if (gateway === undefined) return void client.destroy()
    tie(client, gateway)
    tie(gateway, client)
    if (client.destroyed) return void gateway.destroy()
    client.pipe(gateway)
    if (isTorn === undefined) return void gateway.pipe(client)
    const tear = (): void => {
      client.destroySoon()
      gateway.destroy()
    }
    gateway.pipe(tearing(isTorn, tear)).pipe(client)
  }

  const server = createServer((client) => void carry(client)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    cut(isHit) {
      const hit = [...clients].filter(isHit)
      hit.forEach(cutOff)
      return hit.length
    },
    async close() {
      server.close()
      clients.forEach(cutOff)
      if (clients.size > 0) await once(server, 'close')
    },
  }
}
