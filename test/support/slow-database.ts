import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** The Unix socket in the address of an embedded database, e.g. `mongodb://%2Ftmp%2Fmongodb.sock/paybell?…`. */
const SOCKET = /^mongodb:\/\/(?<socket>[^/?]+)/

/**
 * The address of a network in front of a database, that holds back for a while what follows a command with this name.
 * @param slow called with each such command's text; says for how many milliseconds its answer is held back
 */
export async function slowDatabase(uri: string, slow: (text: string) => number): Promise<string> {
  const socketPath = decodeURIComponent(SOCKET.exec(uri)?.groups?.['socket'] ?? '')
  const open = new Set<Socket>()

  function join(client: Socket): void {
    const server = connect(socketPath)
    let until: Promise<unknown> = Promise.resolve()
    client.on('data', (chunk) => {
      const ms = slow(chunk.toString('latin1'))
      if (ms > 0) until = pause(ms)
      server.write(chunk)
    })
    server.on('data', (chunk) => void until.then(() => client.writable && client.write(chunk)))
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => void other.destroy())
    }
  }

  const listener = createServer(join).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => {
    listener.close()
    for (const socket of open) socket.destroy()
  })
  const { port } = listener.address() as AddressInfo
  return uri.replace(SOCKET, `mongodb://127.0.0.1:${port}`)
}
