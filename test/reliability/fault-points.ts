import { readSync, writeSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Order } from '../../src/domain/order.ts'
import type { Database, Stores } from '../../src/models/database.ts'

/** Named places between two steps of a process, at one of which it can be stopped dead. */
export interface FaultPoints {
  /** The next time that the process comes to this place it stops there. */
  arm(point: string): void
  /** Passes a place, or stops there: the whole process, between two instructions, until the parent lets it go on. */
  pass(point: string): void
  /** The same call with a place before it and, when it succeeds, one behind it. */
  around<A extends readonly unknown[], R>(
    nameOf: (args: A) => string,
    call: (...args: A) => Promise<R>,
  ): (...args: A) => Promise<R>
}

/** `channel`: file descriptor of a socket to the parent. A line goes out when the process stops; a byte lets it go on. */
export function faultPoints(channel: number): FaultPoints {
  let armed: string | undefined

  function pass(point: string): void {
    if (point !== armed) return
    armed = undefined
    writeSync(channel, `${point}\n`)
    const parentIsGone = readSync(channel, Buffer.alloc(1)) === 0
    if (parentIsGone) process.exit(1)
  }

  return {
    arm(point) {
      armed = point
    },
    pass,
    around: (nameOf, call) =>
      async function withPoints(...args) {
        const name = nameOf(args)
        pass(`before ${name}`)
        const result = await call(...args)
        pass(`after ${name}`)
        return result
      },
  }
}

/** What a write changes: the order's history, or else one of the things beside it. */
function appendName(known: Order, next: Order): string {
  const event = next.events[known.events.length]?.type
  return `orders.append ${event ?? (next.numbers === known.numbers ? 'closing' : 'number')}`
}

/** A database with places around the steps that taking in a payment consists of. */
export function withFaultPoints(database: Database, points: FaultPoints): Database {
  return {
    ...database,
    ...storesWithPoints(database, points),
    notifications: storesWithPoints(database.notifications, points),
  }
}

function storesWithPoints({ orders, inbox, rejections }: Stores, { around }: FaultPoints): Stores {
  return {
    rejections,
    orders: {
      ...orders,
      insert: around(() => 'orders.insert', orders.insert),
      append: around(([known, next]) => appendName(known, next), orders.append),
      byPlatformTradeNo: around(() => 'orders.byPlatformTradeNo', orders.byPlatformTradeNo),
      claim: around(() => 'orders.claim', orders.claim),
    },
    inbox: {
      ...inbox,
      receive: around(() => 'inbox.receive', inbox.receive),
      settle: around(() => 'inbox.settle', inbox.settle),
      unmatched: around(() => 'inbox.unmatched', inbox.unmatched),
    },
  }
}

/**
 * Names the calls of the platform. Those about the number of a further payer, which has a dash, have names of their own, and
 * so has a query about a number after it was closed.
 */
function platformCallNames(): (target: string | URL | Request) => string {
  const closed = new Set<string>()
  return (target) => {
    const path = new URL(target instanceof Request ? target.url : target).pathname
    if (path.endsWith('/jsapi')) return 'platform.prepay'
    const number = /\/out-trade-no\/([^/]+)/.exec(path)?.[1] ?? ''
    const whose = number.includes('-') ? ' further' : ''
    if (!path.endsWith('/close')) return `platform.${closed.has(number) ? 'last-query' : 'query'}${whose}`
    closed.add(number)
    return `platform.close${whose}`
  }
}

/** Puts places around every call to the platform; behind it means that the platform has taken it. */
export function watchPlatformCalls({ around }: FaultPoints): void {
  const nameOf = platformCallNames()
  globalThis.fetch = around(([target]) => nameOf(target), globalThis.fetch)
}

/** Puts places at the arrival of a request, before its answer, and when the answer is in the system's hands. */
export function watchDoor(server: Server, { pass }: FaultPoints): void {
  server.on('request', ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    const door = url.startsWith('/notify/') ? 'notify' : 'graphql'
    pass(`request ${door}`)
    response.end = new Proxy(response.end, {
      apply(end, self, args) {
        pass(`before answer ${door}`)
        const answered: unknown = Reflect.apply(end, self, args)
        return answered
      },
    })
    response.once('finish', () => pass(`after answer ${door}`))
  })
}
