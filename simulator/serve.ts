import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Koa from 'koa'

/** A server that listens. */
export type Listening = {
  /** Where it is reached, without a slash at the end. */
  readonly url: string
  readonly close: () => Promise<void>
}

const hardCloseMs = 1000

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}`)
    })
  })
}

/** Lets answers under way finish, but not event streams, which never would. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), hardCloseMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/**
 * Listens for a Koa application to which nothing more is added.
 * @throws {Error} with `code` EADDRINUSE or EACCES when the port cannot be had
 */
export async function serve(koa: Koa, host: string, port: number): Promise<Listening> {
  const handle = koa.callback()
  const server = createServer((req, res) => void handle(req, res))
  const url = await listen(server, host, port)
  return { url, close: () => stop(server) }
}
