import { setTimeout as delay } from 'node:timers/promises'
import type { Order } from '../../src/domain/order.ts'
import { gather, type Audience, type AudienceParts } from './audience.ts'
import { allComplaints, complaintsOf, isUpToDate, type Complaints } from './audience-check.ts'
import type { ChaosRig } from './chaos-rig.ts'
import { bringToLife } from './live-order.ts'
import { merchantClient } from './merchant-client.ts'
import { planLife } from './order-life.ts'
import { loadPageClient } from './page-watcher.ts'
import { randomNumbers } from './random.ts'

/** Orders that live at the same time, one after another in each lane, and everybody who watches them. */
export interface Company {
  /** Everybody so far. */
  readonly audiences: readonly Audience[]
  /** Why calls of the merchant had to be repeated, and how often. */
  readonly repetitions: Readonly<Record<string, number>>
  /** Lets every order that has begun live to its end; resolves with that. Rejects when something did not heal. */
  retire(): Promise<void>
  /** Waits until everybody has heard of everything, and a while longer for what should not come; then looks. */
  judge(): Promise<Complaints>
  stop(): void
}

/** How many, how fast. */
export interface CompanyParts {
  readonly seed: number
  /** Begins every order's number. */
  readonly prefix: string
  readonly lanes: number
  /** Longest pause between two things that happen to an order, in milliseconds. */
  readonly longestPauseMs: number
  readonly doors: AudienceParts['doors']
}

const LATEST_MS = 3000
/** What is not there after so long does not come any more. */
const PATIENCE_MS = 90_000
/** Long enough for what would come again: longer than any retry of the platform after its first, and the comparison. */
const QUIET_MS = 3000
const LOOK_EVERY_MS = 200

/** Starts the lanes. */
export async function openCompany(rig: ChaosRig, parts: CompanyParts): Promise<Company> {
  const { seed, prefix, lanes, longestPauseMs, doors } = parts
  const pageClient = await loadPageClient()
  const merchant = merchantClient(rig.balancer.url, rig.merchant.apiKey)
  const audiences: Audience[] = []
  const retiring = new AbortController()

  async function live(lane: number): Promise<void> {
    const random = randomNumbers(seed + lane + 1)
    for (let number = 1; !retiring.signal.aborted; number += 1) {
      const life = planLife(random, longestPauseMs)
      const outTradeNo = `${prefix}-${seed}-${lane}-${number}`
      const order = await bringToLife({ merchant, platform: rig.platform }, outTradeNo, life)
      audiences.push(gather(order, { doors, pageClient, random, latestMs: LATEST_MS }))
      await order.play()
    }
  }
  const living = Promise.all(Array.from({ length: lanes }, (_, lane) => live(lane)))
  living.catch(() => undefined)

  function stored({ order }: Audience): Promise<Order | undefined> {
    return rig.database.orders.byId(order.id)
  }

  function isDelivered(audience: Audience): boolean {
    const { deliveries } = rig.platform
    const delivered = new Set(
      deliveries.map(({ notification, state }) => state === 'DELIVERED' && notification),
    )
    return audience.order.payments.every(({ notificationId }) => delivered.has(notificationId))
  }

  /** Whether no notification is on its way and everybody has heard of everything. */
  async function isQuiet(): Promise<boolean> {
    if (!audiences.every(isDelivered)) return false
    for (const audience of audiences) {
      const order = await stored(audience)
      if (order === undefined || !isUpToDate(audience, order)) return false
    }
    return true
  }

  return {
    audiences,
    repetitions: merchant.repetitions,
    async retire() {
      retiring.abort()
      await living
    },
    async judge() {
      const deadline = performance.now() + PATIENCE_MS
      while (performance.now() < deadline && !(await isQuiet().catch(() => false))) await delay(LOOK_EVERY_MS)
      await delay(QUIET_MS)
      const complaints: Complaints[] = []
      for (const audience of audiences) complaints.push(complaintsOf(audience, await stored(audience)))
      return allComplaints(complaints)
    },
    stop() {
      retiring.abort()
      for (const { watchers, pages } of audiences) [...watchers, ...pages].forEach((each) => each.stop())
    },
  }
}
