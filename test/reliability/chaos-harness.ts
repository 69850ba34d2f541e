import { setTimeout as delay } from 'node:timers/promises'
import type { Complaints } from './audience-check.ts'
import { openChaosRig, type ChaosRig } from './chaos-rig.ts'
import { openCompany } from './company.ts'
import { figuresOf, type Figures } from './figures.ts'
import { MISFORTUNES, planMisfortunes, type Misfortune, type MisfortuneKind } from './misfortune.ts'
import { randomNumbers } from './random.ts'

/** What a run is to do, and whom it tells about each misfortune. */
export interface ChaosRun {
  /** How long things go wrong, in seconds; longer when not everything has gone wrong by then. */
  readonly seconds: number
  /** The same seed gives the same plan; how the processes take it is up to the machine. */
  readonly seed: number
  readonly onMisfortune?: (misfortune: Misfortune) => void
}

/** What became of a run. */
export interface ChaosReport extends Complaints, Figures {
  readonly misfortunes: Readonly<Record<MisfortuneKind, number>>
  /** Connections that were cut from outside, besides those that ended with a process. */
  readonly cuts: number
}

const LANES = 6
const LONGEST_PAUSE_MS = 700
/** Of so many pieces of what a gateway says to watchers, one arrives by half. */
const PIECES_PER_TEAR = 150

type Strikes = Readonly<Record<MisfortuneKind, (misfortune: Misfortune) => Promise<void>>>

function strikesOn(rig: ChaosRig, random: () => number, noteCuts: (count: number) => void): Strikes {
  const [first, second] = rig.gateways
  const killing =
    (...gateways: readonly (typeof first)[]) =>
    async ({ downMs }: Misfortune): Promise<void> => {
      await Promise.all(gateways.map((gateway) => gateway.kill()))
      await delay(downMs)
      await Promise.all(gateways.map((gateway) => gateway.start()))
    }
  return {
    async cut({ share }) {
      for (const door of rig.doors) noteCuts(door.cut(() => random() < share))
    },
    async redis({ downMs }) {
      await rig.redis.kill()
      await delay(downMs)
      await rig.redis.restart()
    },
    'gateway 1': killing(first),
    'gateway 2': killing(second),
    'both gateways': killing(first, second),
    database: rig.killDatabase,
  }
}

/** What a misfortune takes away: one thing is not taken away twice at the same time. */
const VICTIMS: Readonly<Record<MisfortuneKind, readonly string[]>> = {
  cut: [],
  redis: ['redis'],
  'gateway 1': ['gateway 1'],
  'gateway 2': ['gateway 2'],
  'both gateways': ['gateway 1', 'gateway 2'],
  database: ['database'],
}

/** Lets things go wrong, several at the same time, until the time is over and everything has gone wrong once. */
async function strike(
  { seconds, seed, onMisfortune }: ChaosRun,
  strikes: Strikes,
): Promise<Record<MisfortuneKind, number>> {
  const counts = { cut: 0, redis: 0, 'gateway 1': 0, 'gateway 2': 0, 'both gateways': 0, database: 0 }
  const lastOf = new Map<string, Promise<void>>()
  const waiting = new Set<MisfortuneKind>()
  const deadline = performance.now() + seconds * 1000

  async function inTurn(misfortune: Misfortune, before: readonly Promise<void>[]): Promise<void> {
    const { kind } = misfortune
    waiting.add(kind)
    await Promise.all(before)
    waiting.delete(kind)
    counts[kind] += 1
    onMisfortune?.(misfortune)
    await strikes[kind](misfortune)
  }

  for (const misfortune of planMisfortunes(randomNumbers(seed))) {
    if (performance.now() >= deadline && MISFORTUNES.every((kind) => counts[kind] > 0)) break
    await delay(misfortune.pauseMs)
    if (waiting.has(misfortune.kind)) continue
    const victims = VICTIMS[misfortune.kind]
    const done = inTurn(
      misfortune,
      victims.flatMap((victim) => lastOf.get(victim) ?? []),
    )
    // What goes wrong with it is said at the end, when all are awaited.
    done.catch(() => undefined)
    victims.forEach((victim) => lastOf.set(victim, done))
  }
  await Promise.all(lastOf.values())
  return counts
}

/**
 * Lets orders live long lives while processes die and connections break, and compares what every watcher was told with
 * what is stored once everything is well again.
 */
export async function runChaos(run: ChaosRun): Promise<ChaosReport> {
  const startedAt = performance.now()
  const { seed } = run
  const tears = randomNumbers(seed + 1000)
  const rig = await openChaosRig({ isTorn: () => tears() < 1 / PIECES_PER_TEAR })
  try {
    const [one, other, both] = rig.doors
    const doors = [
      ['gateway 1', one],
      ['gateway 2', other],
      ['balancer', both],
    ] as const
    const parts = { seed, prefix: 'CHAOS', lanes: LANES, longestPauseMs: LONGEST_PAUSE_MS, doors }
    const company = await openCompany(rig, parts)
    try {
      let cuts = 0
      const strikes = strikesOn(rig, randomNumbers(seed + 2000), (count) => void (cuts += count))
      const misfortunes = await strike(run, strikes)
      await company.retire()
      const complaints = await company.judge()
      const wrong = [...complaints.wrong, ...rig.gateways.flatMap(({ deaths }) => deaths)]
      return { ...complaints, wrong, misfortunes, cuts, ...figuresOf(rig, company, startedAt) }
    } finally {
      company.stop()
    }
  } finally {
    await rig.close()
  }
}
