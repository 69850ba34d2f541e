import { setTimeout as delay } from 'node:timers/promises'
import type { Complaints } from './audience-check.ts'
import { openChaosRig, type ChaosRig } from './chaos-rig.ts'
import { openCompany, type Company } from './company.ts'
import { figuresOf, type Figures } from './figures.ts'
import { between, pick, randomNumbers } from './random.ts'
import type { ServedGateway } from './served-gateway.ts'

/** What a run is to do, and whom it tells about each restart. */
export interface RollingRun {
  /** How often a gateway is stopped and started anew, the two taking turns. */
  readonly restarts: number
  readonly seed: number
  readonly onRestart?: (restart: Restart) => void
}

/** How one gateway was replaced. */
export interface Restart {
  readonly number: number
  readonly port: number
  readonly stoppedAt: Date
  /** From SIGTERM until it was gone, and from its start until it was ready, in milliseconds. */
  readonly stopMs: number
  readonly startMs: number
  /** 0 when it left by itself and had finished. */
  readonly exitCode: number | null
}

/** What became of a run. */
export interface RollingReport extends Complaints, Figures {
  readonly restarts: readonly Restart[]
  /** Attempts to deliver a notification that were answered with neither 204 nor 503, or not at all. */
  readonly failed: readonly string[]
}

const LANES = 4
const LONGEST_PAUSE_MS = 400
const REDELIVERERS = 4
const LONGEST_REST_MS = 30
const LOOK_EVERY_MS = 20
/** Whether an answer comes is looked at here, and not how soon on a busy machine. */
const ANSWER_SECONDS = 60

/** The platform tells again of what it has told already, as fast as it is answered: a load of notifications. */
async function redeliver(
  { platform }: ChaosRig,
  { audiences }: Company,
  { random, signal }: { readonly random: () => number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const payments = audiences.flatMap(({ order }) => order.payments)
    if (payments.length > 0) await platform.redeliver(pick(payments, random()).notificationId)
    await delay(between(1, LONGEST_REST_MS, random()))
  }
}

async function becomeReady({ readiness }: ChaosRig, { port }: ServedGateway): Promise<void> {
  while (!readiness.isReady(port)) await delay(LOOK_EVERY_MS)
}

async function restart(rig: ChaosRig, number: number): Promise<Restart> {
  const [first, second] = rig.gateways
  const gateway = number % 2 === 1 ? first : second
  const stoppedAt = new Date()
  const exitCode = await gateway.terminate()
  const startedAt = new Date()
  await gateway.start()
  await becomeReady(rig, gateway)
  const stopMs = startedAt.getTime() - stoppedAt.getTime()
  return {
    number,
    port: gateway.port,
    stoppedAt,
    exitCode,
    stopMs,
    startMs: Date.now() - startedAt.getTime(),
  }
}

async function restartAll(rig: ChaosRig, { restarts, onRestart }: RollingRun, random: () => number) {
  const done: Restart[] = []
  for (const gateway of rig.gateways) await becomeReady(rig, gateway)
  for (let number = 1; number <= restarts; number += 1) {
    await delay(between(300, 1200, random()))
    const restarted = await restart(rig, number)
    onRestart?.(restarted)
    done.push(restarted)
  }
  return done
}

function failedDeliveries({ platform }: ChaosRig): readonly string[] {
  return platform.deliveries
    .filter(({ status }) => status !== 204 && status !== 503)
    .map(({ outTradeNo, status, error, time, milliseconds }) => {
      const when = `at ${new Date(time).toISOString()}, after ${milliseconds} ms`
      return `${outTradeNo}: a notification was answered ${when}: ${status ?? error}`
    })
}

/** Two gateways are replaced in turns, under a load of notifications and of watchers who all come by one balancer. */
export async function runRolling(run: RollingRun): Promise<RollingReport> {
  const startedAt = performance.now()
  const { seed } = run
  const random = randomNumbers(seed)
  const rig = await openChaosRig({ answerSeconds: ANSWER_SECONDS })
  const stopping = new AbortController()
  try {
    const doors = [['balancer', rig.balancer]] as const
    const parts = { seed, prefix: 'ROLL', lanes: LANES, longestPauseMs: LONGEST_PAUSE_MS, doors }
    const company = await openCompany(rig, parts)
    try {
      const load = Array.from({ length: REDELIVERERS }, () =>
        redeliver(rig, company, { random, signal: stopping.signal }),
      )
      const restarts = await restartAll(rig, run, random)
      stopping.abort()
      await Promise.all([...load, company.retire()])
      const complaints = await company.judge()
      const unclean = restarts.filter(({ exitCode }) => exitCode !== 0)
      const wrong = [
        ...complaints.wrong,
        ...unclean.map(({ number, exitCode }) => `restart ${number}: exit code ${exitCode}`),
        ...rig.gateways.flatMap(({ deaths }) => deaths),
      ]
      const failed = failedDeliveries(rig)
      return { ...complaints, wrong, restarts, failed, ...figuresOf(rig, company, startedAt) }
    } finally {
      company.stop()
    }
  } finally {
    stopping.abort()
    await rig.close()
  }
}
