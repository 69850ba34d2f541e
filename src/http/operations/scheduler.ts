/** Work that starts an operation. It must not throw. */
type Job = () => void

/** The queue in which a caller's jobs wait. */
export interface QueueKey {
  readonly key: string
  /** Jobs of known callers are served before those of anonymous ones. */
  readonly isKnown: boolean
}

/** Spreads the synchronous work of operations over turns of the event loop, so that I/O is served in between. */
export interface Scheduler {
  /** Runs a job later: queues are served round robin, and the jobs of one queue in their order. */
  schedule(queue: QueueKey, job: Job): void
  /** Resolves when a job scheduled now would run. */
  wait(queue: QueueKey): Promise<void>
  /** The number of jobs in one queue. */
  waiting(queue: QueueKey): number
}

/** After this much work the event loop serves its sockets, among them those of notifications; in milliseconds. */
const SLICE_MS = 2

/** Jobs that one turn of the event loop can run. */
const JOBS_PER_TURN = 16

/** Queues that are served one job each, round robin. */
function createRoundRobin() {
  const queues = new Map<string, Job[]>()
  return {
    get isEmpty() {
      return queues.size === 0
    },
    waiting: (key: string): number => queues.get(key)?.length ?? 0,
    push(key: string, job: Job): void {
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, [job])
      else queue.push(job)
    },
    shift(): Job | undefined {
      for (const [key, queue] of queues) {
        queues.delete(key)
        const job = queue.shift()
        if (queue.length > 0) queues.set(key, queue)
        return job
      }
      return undefined
    },
  }
}

/**
 * A scheduler without jobs. The microtasks that a job starts run before the next `setImmediate` callback. So each job has
 * a callback of its own, which lets the time of its microtasks be measured, and the jobs that are left after `SLICE_MS`
 * wait for the next turn of the event loop.
 */
export function createScheduler(nowMs: () => number = () => performance.now()): Scheduler {
  const known = createRoundRobin()
  const anonymous = createRoundRobin()
  let callbacks = 0
  let startedAt: number | undefined
  let isAnonymousServed = false

  /** At least one job of an anonymous caller in each turn, however many known callers wait. */
  function takeJob(isLast: boolean): Job | undefined {
    const isAnonymousNext = known.isEmpty || (isLast && !isAnonymousServed)
    const job = isAnonymousNext ? (anonymous.shift() ?? known.shift()) : known.shift()
    isAnonymousServed ||= isAnonymousNext
    return job
  }

  function run(): void {
    callbacks -= 1
    const isLast = callbacks === 0
    startedAt ??= nowMs()
    if (isLast || nowMs() - startedAt < SLICE_MS) takeJob(isLast)?.()
    if (!isLast) return
    startedAt = undefined
    isAnonymousServed = false
    prepareTurn()
  }

  function prepareTurn(): void {
    if (callbacks > 0 || (known.isEmpty && anonymous.isEmpty)) return
    callbacks = JOBS_PER_TURN
    for (let callback = 0; callback < JOBS_PER_TURN; callback += 1) setImmediate(run)
  }

  function schedule({ key, isKnown }: QueueKey, job: Job): void {
    const queues = isKnown ? known : anonymous
    queues.push(key, job)
    prepareTurn()
  }

  return {
    schedule,
    wait: (queue) => new Promise((resolve) => schedule(queue, resolve)),
    waiting: ({ key, isKnown }) => (isKnown ? known : anonymous).waiting(key),
  }
}
