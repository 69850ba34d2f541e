import { between, shuffled } from './random.ts'

/** What can happen to the processes and to the ways between them. */
export const MISFORTUNES = ['cut', 'redis', 'gateway 1', 'gateway 2', 'both gateways', 'database'] as const
/** See MISFORTUNES. */
export type MisfortuneKind = (typeof MISFORTUNES)[number]

/** One thing that goes wrong. */
export interface Misfortune {
  readonly kind: MisfortuneKind
  /** How many of the connections are cut, 0 to 1. */
  readonly share: number
  /** How long what was killed stays away, in milliseconds; the database comes back by itself. */
  readonly downMs: number
  /** How long everything is well before, in milliseconds. */
  readonly pauseMs: number
}

const CUTS = Array.from({ length: 9 }, () => 'cut' as const)

/** Longest time of peace before it, in milliseconds: a process needs a second or two to start, a connection does not. */
const LONGEST_PEACE_MS = { cut: 600, redis: 1500, process: 4000 }

function peaceBefore(kind: MisfortuneKind): number {
  return LONGEST_PEACE_MS[kind === 'cut' || kind === 'redis' ? kind : 'process']
}

/** An endless plan in which everything happens once before anything but a cut happens a second time. */
export function* planMisfortunes(random: () => number): Generator<Misfortune, never> {
  for (;;) {
    for (const kind of shuffled([...MISFORTUNES, ...CUTS], random)) {
      const [share, downMs] = [random(), between(0, 1500, random())]
      const pauseMs = between(50, peaceBefore(kind), random())
      yield { kind, share, downMs, pauseMs }
    }
  }
}
