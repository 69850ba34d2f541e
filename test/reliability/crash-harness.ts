import { inspectOrder, type Expectation, type Findings } from './crash-check.ts'
import { isOver, playEnding, readOrder } from './crash-ending.ts'
import { createTwice, startSecond } from './crash-merchant.ts'
import { planRounds, type RoundPlan } from './crash-plan.ts'
import { openCrashRig, type CrashRig, type Ladder } from './crash-rig.ts'
import type { TakenPayment } from './platform-child.ts'

/** What a run is to do, and whom it tells about each round. */
export interface CrashRun {
  readonly rounds: number
  /** The same seed gives the same plan. */
  readonly seed: number
  readonly onRound?: (round: RoundReport) => void
}

/** What became of one round. */
export interface RoundReport {
  readonly number: number
  readonly plan: RoundPlan
  /** How many of the planned kills struck. The place of a second one may not lie on the way that is left to go. */
  readonly strikes: number
  /** What the sweep had found was read here and then lost with the engine: it was not on disk, and nobody had been told. */
  readonly isFoundAgain: boolean
  readonly findings: Findings
  readonly seconds: number
}

/** What became of a run. */
export interface CrashReport extends Findings {
  readonly rounds: readonly RoundReport[]
  /** Payments that the platform took, and notifications that it was answered with a 2XX. */
  readonly payments: number
  readonly acknowledged: number
}

/**
 * A silent payment is queried after a second. A wish to close is carried out within two, and what failed is tried again every
 * second. In the other ways nothing is queried before the expiry, so that only a re-send can heal.
 */
const LADDERS: Readonly<Record<RoundPlan['way'], Ladder>> = {
  create: [600],
  notify: [600],
  sweep: [1],
  close: [2, 1],
  expire: [600, 1],
}

function disturbancesOf(plan: RoundPlan, outTradeNo: string): readonly object[] {
  const target = { outTradeNo }
  if (plan.way === 'sweep') return [{ kind: 'lose', times: 'always', target }]
  return plan.copies > 1 ? [{ kind: 'duplicate', copies: plan.copies, times: 'always', target }] : []
}

async function isPaidHere(rig: CrashRig, outTradeNo: string): Promise<true | undefined> {
  return (await readOrder(rig, outTradeNo))?.status === 'PAID' ? true : undefined
}

async function pay(rig: CrashRig, plan: RoundPlan, outTradeNo: string): Promise<TakenPayment | undefined> {
  if (!plan.isPaid) return undefined
  for (const fault of disturbancesOf(plan, outTradeNo)) await rig.platform.disturb(fault)
  if (plan.way !== 'create') await rig.arm(plan.kill)
  const payment = await rig.persist('the payment', () => rig.platform.pay(outTradeNo))
  if (plan.relapse !== undefined) {
    await rig.persist('the first kill', () => Promise.resolve(rig.hasStruck() || undefined))
    await rig.arm(plan.relapse)
  }
  await rig.persist('the news of the payment', async () =>
    plan.way === 'sweep'
      ? isPaidHere(rig, outTradeNo)
      : (await rig.platform.isDelivered(payment.notificationId)) || undefined,
  )
  return payment
}

async function play(rig: CrashRig, plan: RoundPlan, outTradeNo: string): Promise<Expectation> {
  if (plan.way === 'close' || plan.way === 'expire') return playEnding(rig, plan, outTradeNo)
  if (plan.way === 'create') await rig.arm(plan.kill)
  const ids = await createTwice(rig, outTradeNo)
  if (plan.way === 'create') await startSecond(rig, ids[0] ?? '')
  const payers = plan.way === 'create' ? 2 : 1
  const payment = await pay(rig, plan, outTradeNo)
  await rig.awaitStrike()
  const isAcknowledged = payment !== undefined && plan.way !== 'sweep'
  const expected = { outTradeNo, ids, payers, payment, isAcknowledged }
  if (payment === undefined || payers === 1) return expected
  // The second payer's number is closed next; a later round's kill must not strike over that.
  const status = 'PAID'
  await rig.persist('the rest', () => isOver(rig, { outTradeNo, status }))
  return { ...expected, status }
}

/** What is found twice, in its round and at the end, is one thing. */
function together(all: readonly Findings[]): Findings {
  const unique = (kind: keyof Findings): readonly string[] => [
    ...new Set(all.flatMap((findings) => findings[kind])),
  ]
  return { lost: unique('lost'), twice: unique('twice'), wrong: unique('wrong') }
}

/** Everything once more at the end, after all processes died once more: nothing was undone by a later round. */
async function inspectAll(rig: CrashRig, expectations: readonly Expectation[]): Promise<readonly Findings[]> {
  const orders = await rig.persist('the database', () => rig.database.orders.count({}))
  const rows = await rig.database.inbox.count({})
  const findings: Findings[] = []
  for (const expected of expectations) {
    findings.push(await inspectOrder(rig.database, expected, rig.platform))
  }
  const acknowledged = expectations.filter(({ isAcknowledged }) => isAcknowledged).length
  const wrong = [
    ...(orders === expectations.length ? [] : [`${orders} orders for ${expectations.length} numbers`]),
    ...(rows === acknowledged ? [] : [`${rows} notifications kept, ${acknowledged} acknowledged`]),
  ]
  return [...findings, { lost: [], twice: [], wrong }]
}

interface RoundStart extends Pick<RoundReport, 'number' | 'plan'> {
  readonly startedAt: number
  /** How many kills had struck before it. */
  readonly strikes: number
}

/**
 * A change can be read for a moment before the journal has it and its writer is told, so what this harness has read may
 * die with the engine. Nobody was promised it, as the platform is by a 2XX and a caller by an answer, but the sweep must find
 * it again.
 * @returns whether it had to
 */
async function findAgain(rig: CrashRig, plan: RoundPlan, expected: Expectation): Promise<boolean> {
  const { outTradeNo, status, isAnswered } = expected
  const isFound = async (): Promise<true | undefined> =>
    status === undefined ? isPaidHere(rig, outTradeNo) : isOver(rig, { outTradeNo, status })
  if (isAnswered === true || (status === undefined && plan.way !== 'sweep')) return false
  await rig.persist('the order', () => readOrder(rig, outTradeNo))
  if ((await isFound()) === true) return false
  await rig.persist('the end, found again', isFound)
  return true
}

/** The numbers of an order that has ended are paid or closed at the platform too. */
async function payableThere(rig: CrashRig, { outTradeNo, status }: Expectation): Promise<readonly string[]> {
  if (status === undefined) return []
  return rig.persist('the numbers at the platform', async () => {
    const order = await readOrder(rig, outTradeNo)
    if (order === undefined) return undefined
    const numbers = order.numbers.map(({ platformTradeNo }) => platformTradeNo)
    const states = await rig.platform.statesOf(numbers)
    const paid = states.filter((state) => state === 'SUCCESS').length
    const isRight =
      states.every((state) => state === 'SUCCESS' || state === 'CLOSED') &&
      paid === (status === 'PAID' ? 1 : 0)
    return isRight ? [] : [`${outTradeNo}: wrong: its numbers are ${states.join(', ')} at the platform`]
  })
}

/** Kills everything once more, and looks at what is on disk. */
async function finishRound(
  rig: CrashRig,
  { number, plan, startedAt, strikes }: RoundStart,
  { expected, next }: { readonly expected: Expectation; readonly next: RoundPlan },
): Promise<RoundReport> {
  const struck = rig.strikes() - strikes
  await rig.powerCycle(LADDERS[next.way])
  const isFoundAgain = await findAgain(rig, plan, expected)
  const found = await rig.persist('the check', () => inspectOrder(rig.database, expected, rig.platform))
  const findings = { ...found, wrong: [...found.wrong, ...(await payableThere(rig, expected))] }
  const seconds = (performance.now() - startedAt) / 1000
  return { number, plan, strikes: struck, isFoundAgain, findings, seconds }
}

function reportOf(
  rounds: readonly RoundReport[],
  expectations: readonly Expectation[],
  final: readonly Findings[],
): CrashReport {
  return {
    ...together([...rounds.map(({ findings }) => findings), ...final]),
    rounds,
    payments: expectations.filter(({ payment }) => payment !== undefined).length,
    acknowledged: expectations.filter(({ isAcknowledged }) => isAcknowledged).length,
  }
}

/**
 * Kills processes at named places, lets the platform and the merchant try again as they do, and looks at what is on
 * disk after everything was killed once more.
 */
export async function runCrashRounds({ rounds, seed, onRound }: CrashRun): Promise<CrashReport> {
  const plans = planRounds(seed)
  let plan = plans.next().value
  const rig = await openCrashRig(LADDERS[plan.way])
  const reports: RoundReport[] = []
  const expectations: Expectation[] = []
  try {
    for (let number = 1; number <= rounds; number += 1) {
      const start = { number, plan, startedAt: performance.now(), strikes: rig.strikes() }
      const expected = await play(rig, plan, `CRASH${String(number).padStart(8, '0')}`).catch(
        (cause: unknown) => {
          const { way, kill } = plan
          throw new Error(`Round ${number} (${way}: ${kill.victim} ${kill.point}) did not heal.`, { cause })
        },
      )
      const next = plans.next().value
      const report = await finishRound(rig, start, { expected, next })
      expectations.push(expected)
      reports.push(report)
      onRound?.(report)
      plan = next
    }
    return reportOf(reports, expectations, await inspectAll(rig, expectations))
  } finally {
    await rig.close()
  }
}
