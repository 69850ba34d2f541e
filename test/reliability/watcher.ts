import { setTimeout as delay } from 'node:timers/promises'
import { between } from './random.ts'
import { Refusal, TRANSPORTS, type TransportName, type Wanted } from './watcher-transports.ts'

/** Somebody who wants every event of one order, and comes back with the last seq whenever the connection is lost. */
export interface Watcher {
  readonly name: string
  /** The seq of each event that came, in the order in which they came. */
  readonly seqs: readonly number[]
  /** Answers that tell this watcher not to come back, which it has not deserved. */
  readonly refusals: readonly string[]
  /** How many connections it took so far. */
  connections(): number
  stop(): void
}

/** Who watches. */
export interface WatcherParts extends Omit<Wanted, 'after' | 'signal'> {
  readonly name: string
  readonly transport: TransportName
  readonly random: () => number
}

const REFUSING_CODES = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT'])

interface Said {
  readonly code?: unknown
  readonly extensions?: { readonly code?: unknown }
}

/** The codes of a GraphQL answer, or of a WebSocket's close, that will not pass by themselves. */
function refusalsIn(error: unknown): readonly string[] {
  const said = error instanceof Refusal ? error.errors : error
  const all = (Array.isArray(said) ? said : [said]) as readonly (Said | null | undefined)[]
  return all.flatMap((each) => {
    const code = each?.extensions?.code ?? each?.code
    const isClose = typeof code === 'number' && code >= 4400 && code < 4500
    return isClose || REFUSING_CODES.has(String(code)) ? [`${String(code)}: ${JSON.stringify(each)}`] : []
  })
}

/** Begins to watch. */
export function keepWatching({ name, transport, random, ...where }: WatcherParts): Watcher {
  const seqs: number[] = []
  const refusals: string[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  let connections = 0

  async function run(): Promise<void> {
    while (!signal.aborted) {
      connections += 1
      await TRANSPORTS[transport]({ ...where, after: seqs.at(-1) ?? 0, signal }, (seq) => {
        if (!signal.aborted) seqs.push(seq)
      }).catch((error: unknown) => refusals.push(...refusalsIn(error)))
      await delay(between(20, 400, random()), undefined, { signal }).catch(() => undefined)
    }
  }
  void run()
  return { name, seqs, refusals, connections: () => connections, stop: () => stopping.abort() }
}
