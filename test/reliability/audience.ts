import type { Balancer } from '../support/balancer.ts'
import type { LiveOrder } from './live-order.ts'
import { watchAsPage, type loadPageClient, type PageWatcher } from './page-watcher.ts'
import { between } from './random.ts'
import { keepWatching, type Watcher } from './watcher.ts'
import { TRANSPORTS, type TransportName } from './watcher-transports.ts'

/** Everybody who watches one order. */
export interface Audience {
  readonly order: LiveOrder
  /** Those who want every event. */
  readonly watchers: readonly Watcher[]
  readonly pages: readonly PageWatcher[]
}

/** Whom to gather, and which ways they take. */
export interface AudienceParts {
  /** Name and way; each watcher takes one of them. */
  readonly doors: readonly (readonly [name: string, door: Balancer])[]
  readonly pageClient: Awaited<ReturnType<typeof loadPageClient>>
  readonly random: () => number
  /** Every second watcher comes up to so many milliseconds late, and then wants the history too. */
  readonly latestMs: number
}

const WATCHERS_PER_TRANSPORT = 2
const NAMES = Object.keys(TRANSPORTS) as readonly TransportName[]

/** A watcher that nobody has told anything yet, because it comes later. */
function comingLater(
  name: string,
  { afterMs, come }: { readonly afterMs: number; readonly come: () => Watcher },
): Watcher {
  let watcher: Watcher | undefined
  const timer = setTimeout(() => {
    watcher = come()
  }, afterMs)
  return {
    name,
    get seqs() {
      return watcher?.seqs ?? []
    },
    get refusals() {
      return watcher?.refusals ?? []
    },
    connections: () => watcher?.connections() ?? 0,
    stop() {
      clearTimeout(timer)
      watcher?.stop()
    },
  }
}

/** Gathers several watchers over each transport, spread over all doors, and a page. */
export function gather(order: LiveOrder, { doors, pageClient, random, latestMs }: AudienceParts): Audience {
  const shift = between(0, doors.length - 1, random())
  const doorOf = (index: number) => doors[(index + shift) % doors.length] ?? doors[0]
  const where = { credential: order.accessToken, orderId: order.id }

  const watchers = NAMES.flatMap((transport, row) =>
    Array.from({ length: WATCHERS_PER_TRANSPORT }, (_, column): Watcher => {
      const [doorName, door] = doorOf(row + column) ?? []
      if (door === undefined) throw new Error('There is no door.')
      const name = `${transport} ${column + 1} by ${doorName}`
      const come = (): Watcher => keepWatching({ ...where, url: door.url, name, transport, random })
      return column % 2 === 0 ? come() : comingLater(name, { afterMs: between(0, latestMs, random()), come })
    }),
  )
  const [doorName, door] = doorOf(between(0, doors.length - 1, random())) ?? []
  const name = `page by ${doorName}`
  const pages = door === undefined ? [] : [watchAsPage(pageClient, { ...where, name, url: door.url })]
  return { order, watchers, pages }
}
