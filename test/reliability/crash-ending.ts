import { hasEnded, type Order } from '../../src/domain/order.ts'
import { openNumbers } from '../../src/domain/trade-number.ts'
import type { Expectation } from './crash-check.ts'
import { closeOnce, createTwice, startOnce, startSecond } from './crash-merchant.ts'
import type { RoundPlan } from './crash-plan.ts'
import type { CrashRig } from './crash-rig.ts'
import type { TakenPayment } from './platform-child.ts'

/** Time enough to create an order with two payments, and not much more. */
const SHORT_LIFE_MS = 6000

const STRANGER = 'o-payer-3'

/** The order as it can be read now, which may not be on disk yet. */
export async function readOrder({ database }: CrashRig, outTradeNo: string): Promise<Order | undefined> {
  return (await database.orders.withOutTradeNo(outTradeNo))[0]
}

interface Scene {
  readonly rig: CrashRig
  readonly plan: RoundPlan
  readonly outTradeNo: string
  readonly orderId: string
  /** What must not be, and was seen. */
  readonly wrong: string[]
}

/** From the wish to close on, no payment is started. */
async function expectNotPayable({ rig, orderId, outTradeNo, wrong }: Scene): Promise<void> {
  const kind = await startOnce(rig, orderId, STRANGER)
  if (kind === 'StartPaymentSuccess')
    wrong.push(`${outTradeNo}: wrong: a payment was started of an order that is being closed`)
}

/** Places that the gateway comes to when the wish to close is on disk, and only then. */
const AFTER_WISH =
  /^(after orders\.append closing|(before|after) (platform\.(close|last-query).*|orders\.append order\.closed|answer graphql))$/

/** Whatever was killed there, the wish is on disk. */
function expectWish({ rig, plan, outTradeNo, wrong }: Scene): void {
  if (rig.hasStruck() && AFTER_WISH.test(plan.kill.point))
    wrong.push(`${outTradeNo}: wrong: the wish to close was lost`)
}

/** Arms the second kill once the first one has struck. */
function relapser({ rig, plan }: Scene): () => Promise<void> {
  let { relapse } = plan
  return async () => {
    if (relapse === undefined || !rig.hasStruck()) return
    const kill = relapse
    relapse = undefined
    await rig.arm(kill)
  }
}

/**
 * Calls closeOrder: until it says that the order has ended, or only until the wish to close it can be read.
 * @returns whether a call said so
 */
async function close(scene: Scene): Promise<boolean> {
  const { rig, plan, outTradeNo, orderId } = scene
  const relapse = relapser(scene)
  const answer = await rig.persist('closeOrder', async () => {
    const order = await readOrder(rig, outTradeNo)
    const isWished = order !== undefined && (order.closing !== null || hasEnded(order))
    if (isWished) await expectNotPayable(scene)
    else expectWish(scene)
    await relapse()
    if (isWished && !plan.end.isRepeated) return 'wished'
    return (await closeOnce(rig, orderId)) === true ? 'ended' : undefined
  })
  return answer === 'ended'
}

/** Waits until an expired order has ended by itself, however often its gateway is killed over that. */
async function expire(scene: Scene): Promise<false> {
  const { rig, outTradeNo } = scene
  const relapse = relapser(scene)
  await rig.persist('the end of the order', async () => {
    await relapse()
    const order = await readOrder(rig, outTradeNo)
    return order && hasEnded(order) ? true : undefined
  })
  return false
}

/** Tells whether an order has ended so, and no number of it can be paid: by what is read here, and at the platform. */
export async function isOver(
  rig: CrashRig,
  { outTradeNo, status }: { readonly outTradeNo: string; readonly status: 'PAID' | 'CLOSED' },
): Promise<true | undefined> {
  const order = await readOrder(rig, outTradeNo)
  if (order?.status !== status || openNumbers(order).length > 0) return undefined
  const states = await rig.platform.statesOf(order.numbers.map(({ platformTradeNo }) => platformTradeNo))
  return states.includes('NOTPAY') ? undefined : true
}

/** An order with two payers, closed by the merchant or by its expiry, while processes are killed. */
export async function playEnding(rig: CrashRig, plan: RoundPlan, outTradeNo: string): Promise<Expectation> {
  const ids = await createTwice(rig, outTradeNo, plan.way === 'expire' ? SHORT_LIFE_MS : undefined)
  const orderId = ids[0] ?? ''
  await startSecond(rig, orderId)
  const attempts = await rig.persist('the attempts', async () => (await readOrder(rig, outTradeNo))?.attempts)
  const further = attempts.map(({ platformTradeNo }) => platformTradeNo).find((no) => no !== outTradeNo) ?? ''
  if (plan.end.isInDoubt)
    await rig.platform.disturb({ kind: 'close-race', payer: 'leaves', target: { outTradeNo: further } })
  let payment: TakenPayment | undefined
  await rig.arm(plan.kill, async () => {
    if (plan.end.isPaidMeanwhile) payment = await rig.platform.pay(further)
  })
  const scene = { rig, plan, outTradeNo, orderId, wrong: [] as string[] }
  const isAnswered = await (plan.way === 'close' ? close(scene) : expire(scene))
  await rig.awaitStrike()
  const taken = payment
  if (taken !== undefined) {
    await rig.persist(
      'the news',
      async () => (await rig.platform.isDelivered(taken.notificationId)) || undefined,
    )
  }
  const status = taken === undefined ? 'CLOSED' : 'PAID'
  await rig.persist('the end at the platform', () => isOver(rig, { outTradeNo, status }))
  return {
    outTradeNo,
    ids,
    payers: 2,
    payment,
    isAcknowledged: payment !== undefined,
    status,
    isAnswered,
    seen: scene.wrong,
  }
}
