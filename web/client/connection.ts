import { attempt, type AttemptOptions } from './attempt.ts'
import { createLadder } from './ladder.ts'
import type { Transport } from './transport.ts'

/** `offline` is what the phone says of itself; `reconnecting` means that the gateway is not answering. */
export type Connection = 'online' | 'offline' | 'reconnecting'

/** The ways to be told, best first. */
export type TransportName = 'websocket' | 'sse' | 'long-poll'

/** A transport under its name. */
export type Way = readonly [TransportName, Transport]

/** What to stay connected to, and whom to tell. */
export interface ConnectionOptions extends Omit<AttemptOptions, keyof Pace>, Partial<Pace> {
  /** The ways to try, best first. */
  readonly transports: readonly [...Way[], Way]
  readonly onConnection: (connection: Connection, transport: TransportName) => void
}

/** Time limits in milliseconds; see `AttemptOptions`. */
interface Pace extends Pick<AttemptOptions, 'connectMs' | 'silenceMs'> {
  /** After so long on a lesser transport a better one is tried again; each failure doubles it, up to 16 times. */
  readonly probeMs: number
}

/** Something that stays connected until it is stopped. */
export interface Connected {
  /**
   * Replaces a connection that may have died unnoticed, or was stopped, by a new one at once. A phone without a network
   * may take long to find out that the new one is dead too, so that `offline` is told at once.
   */
  renew(): void
  stop(): void
}

interface Run {
  readonly level: number
  readonly stop: () => void
}

type Timer = ReturnType<typeof setTimeout>

const PACE: Pace = { connectMs: 6_000, silenceMs: 30_000, probeMs: 20_000 }

/**
 * Keeps one connection open for as long as it takes: by the best transport that works. While it is a lesser one, better
 * ones are tried again beside it from time to time, so that nothing is missed meanwhile.
 */
export function keepConnected(given: ConnectionOptions): Connected {
  const { transports, onConnection, probeMs = PACE.probeMs } = given
  const ladder = createLadder(transports.length)
  let [current, probe]: (Run | undefined)[] = []
  let probes = 0
  let retryTimer: Timer | undefined
  let probeTimer: Timer | undefined

  function begin(level: number): Run {
    const [name, transport] = wayAt(transports, level)
    const run: Run = { level, stop: attempt(transport, { ...PACE, ...given }, { up, down }) }
    function up(): void {
      if (run === probe) {
        probe = undefined
        probes = 0
        use(run)
      }
      ladder.worked(level)
      onConnection('online', name)
      planProbe()
    }
    function down(wasUpMs: number | null): void {
      if (run === probe) return planProbe()
      retryTimer = setTimeout(() => use(), ladder.failed(wasUpMs))
      onConnection(isPhoneOffline() ? 'offline' : 'reconnecting', name)
    }
    return run
  }

  function use(run = begin(ladder.level)): void {
    clearTimeout(retryTimer)
    current?.stop()
    current = run
  }

  function planProbe(): void {
    clearTimeout(probeTimer)
    probe?.stop()
    probe = undefined
    if (ladder.level === 0) return
    probeTimer = setTimeout(probeNext, probeMs * 2 ** Math.min(probes, 4))
  }

  function probeNext(): void {
    // The best way may be in use again: everything may have failed since this was planned.
    if (ladder.level > 0) probe = begin(probes % ladder.level)
    probes += 1
  }

  use()
  return {
    renew() {
      ladder.forgive()
      probes = 0
      use()
      if (isPhoneOffline()) onConnection('offline', wayAt(transports, ladder.level)[0])
    },
    stop() {
      clearTimeout(retryTimer)
      clearTimeout(probeTimer)
      current?.stop()
      probe?.stop()
    },
  }
}

function wayAt(ways: ConnectionOptions['transports'], level: number): Way {
  return ways[level] ?? ways[0]
}

/** What the phone says of itself; one that says it is online may be mistaken. */
export function isPhoneOffline(): boolean {
  return typeof navigator === 'object' && 'onLine' in navigator && !navigator.onLine
}
