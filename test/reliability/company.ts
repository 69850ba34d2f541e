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
/** So many finished orders for each lane are still watched. */
const KEPT_PER_LANE = 2
/** What is not there after so long does not come any more. */
const PATIENCE_MS = 90_000
/** Long enough for what would come again: longer than any retry of the platform after its first, and the comparison. */
const QUIET_MS = 3000
const LOOK_EVERY_MS = 200

function stopAll({ watchers, pages }: Audience): void {
  for (const each of [...watchers, ...pages]) each.stop()
}

/** Starts the lanes. */
export async function openCompany(rig: ChaosRig, parts: CompanyParts): Promise<Company> {
  const { seed, prefix, lanes, longestPauseMs, doors } = parts
  const pageClient = await loadPageClient()
  const merchant = merchantClient(rig.balancer.url, rig.merchant.apiKey)
  const audiences: Audience[] = []
  /** Those whose order has lived its life, oldest first. */
  const finished: Audience[] = []
  const judged = new Map<Audience, Complaints>()
  const retiring = new AbortController()

  async function live(lane: number): Promise<void> {
    const random = randomNumbers(seed + lane + 1)
    for (let number = 1; !retiring.signal.aborted; number += 1) {
      const life = planLife(random, longestPauseMs)
      const outTradeNo = `${prefix}-${seed}-${lane}-${number}`
      const order = await bringToLife({ merchant, platform: rig.platform }, outTradeNo, life)
      const audience = gather(order, { doors, pageClient, random, latestMs: LATEST_MS })
      audiences.push(audience)
      await order.play()
      finished.push(audience)
      if (finished.length > lanes * KEPT_PER_LANE) await dismiss(finished.shift())
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
  async function isQuiet(audience: Audience): Promise<boolean> {
    const order = await stored(audience)
    return isDelivered(audience) && order !== undefined && isUpToDate(audience, order)
  }

  async function judgeOne(audience: Audience): Promise<Complaints> {
    const complaints = judged.get(audience) ?? complaintsOf(audience, await stored(audience))
    judged.set(audience, complaints)
    return complaints
  }

  /** Lets those go who have heard of everything, so that their number does not grow with the length of a run. */
  async function dismiss(audience: Audience | undefined): Promise<void> {
    if (audience === undefined || !(await isQuiet(audience).catch(() => false))) return
    await judgeOne(audience).then(
      () => stopAll(audience),
      () => undefined,
    )
  }

  async function areAllQuiet(): Promise<boolean> {
    for (const audience of audiences) {
      if (!judged.has(audience) && !(await isQuiet(audience))) return false
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
      while (performance.now() < deadline && !(await areAllQuiet().catch(() => false)))
        await delay(LOOK_EVERY_MS)
      await delay(QUIET_MS)
      const complaints: Complaints[] = []
      for (const audience of audiences) complaints.push(await judgeOne(audience))
      return allComplaints(complaints)
    },
    stop() {
      retiring.abort()
      audiences.forEach(stopAll)
    },
  }
}
