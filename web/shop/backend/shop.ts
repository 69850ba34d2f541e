import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Router } from '@koa/router'
import Koa from 'koa'
import type { Context, Next } from 'koa'
import rawBody from 'raw-body'
import { orderFrom } from './orders.ts'
import { isOwnHost } from './own-host.ts'
import { createPages } from './pages.ts'
import { createPaybell } from './paybell.ts'
import { ShopProblem } from './problem.ts'
import { openidOf } from './visitor.ts'

/** What the shop is made of. */
export interface ShopOptions {
  /** The gateway, as this backend and the customers' browsers reach it; without a slash at the end. */
  readonly gatewayUrl: string
  /** The merchant's key at the gateway. A secret: it never leaves this process but for the gateway. */
  readonly apiKey: string
  /** The folder with the built page. */
  readonly pagesDir: string
  /** Where customers reach the shop besides the host that it listens on. */
  readonly publicUrl?: string | undefined
  /** Takes one line per order. @default nothing is logged */
  readonly log?: (line: string) => void
  readonly now?: () => Date
  /** How long the gateway may take. @default 10_000 // 10 seconds */
  readonly gatewayTimeoutMs?: number
}

/** A shop that can open and close. */
export interface Shop {
  /**
   * Opens at a port (0: any free one) and resolves with the address.
   * @throws the system's error, e.g. `EADDRINUSE`
   */
  listen(port: number, host: string): Promise<string>
  /** Answers what is under way and closes. */
  close(): Promise<void>
}

/** Orders are tiny; anything larger is not one. */
const LARGEST_ORDER_BYTES = 1024

/**
 * The demo merchant: its page, and `POST /api/orders`, which turns `{ sku, quantity }` into where to pay
 * and how to watch the order. The browser then goes to `payUrl`, and the gateway does the rest.
 * @throws {Error} when the page has not been built
 */
export function createShop(options: ShopOptions): Shop {
  const pages = createPages(options.pagesDir, options.gatewayUrl)
  const answer = createApp(options).callback()
  const { publicUrl } = options
  const hosts = publicUrl === undefined ? [] : [new URL(publicUrl).hostname]
  const server = createServer((request, response) => {
    if (!isOwnHost(request, hosts)) return refuseHost(response)
    pages(request, response, () => void answer(request, response))
  })
  return {
    listen(port, host) {
      hosts.push(host)
      return listen(server, port, host)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

function refuseHost(response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(
    'The shop answers at its own address only: localhost, or the host in SHOP_HOST or SHOP_PUBLIC_URL.\n',
  )
}

function createApp(options: ShopOptions): Koa {
  const { log = () => undefined, now = () => new Date(), gatewayTimeoutMs: timeoutMs = 10_000 } = options
  const paybell = createPaybell({ gatewayUrl: options.gatewayUrl, apiKey: options.apiKey, timeoutMs })
  const router = new Router()

  router.post('/api/orders', async (context) => {
    const order = orderFrom(await readBody(context), openidOf(context), now())
    const accessToken = await paybell.createOrder(order)
    log(`order ${order.outTradeNo}: created, ${order.totalFen} fen`)
    context.status = 201
    const { gatewayUrl } = options
    const payUrl = `${gatewayUrl}/pay/${accessToken}`
    context.body = { payUrl, gatewayUrl, accessToken, outTradeNo: order.outTradeNo }
  })

  const app = new Koa()
  app.on('error', (error: unknown) => log(`request failed: ${kindOf(error)}`))
  app.use((context, next) => tellProblems(context, next, log))
  app.use(router.routes()).use(router.allowedMethods())
  return app
}

/** The one place where failures become answers. The customer reads sentences; what was not foreseen stays in the log. */
async function tellProblems(context: Context, next: Next, log: (line: string) => void): Promise<void> {
  try {
    await next()
  } catch (error) {
    const problem = error instanceof ShopProblem ? error : unforeseen(error)
    log(`order refused: ${problem.status} ${problem.code}: ${problem.message}`)
    context.status = problem.status
    context.body = { error: { code: problem.code, message: problem.message } }
  }
}

function unforeseen(error: unknown): ShopProblem {
  return new ShopProblem(500, 'TRY_AGAIN', `The shop had a problem of its own (${kindOf(error)}).`)
}

/** All that is said of an error: the rest of it may hold a request. */
function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** JSON only: a form of another site cannot send that without this shop's consent. */
async function readBody(context: Context): Promise<string> {
  if (context.is('application/json') === false) {
    throw new ShopProblem(415, 'INVALID_ORDER', 'An order is sent as application/json.')
  }
  try {
    return await rawBody(context.req, { limit: LARGEST_ORDER_BYTES, encoding: 'utf8' })
  } catch {
    throw new ShopProblem(413, 'INVALID_ORDER', `An order has at most ${LARGEST_ORDER_BYTES} bytes.`)
  }
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve(`http://${name}:${address.port}`)
    })
  })
}
