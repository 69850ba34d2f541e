import type { Connection } from 'mongoose'
import { inTime } from './in-time.ts'
import { UNJOURNALED } from './unjournaled.ts'

/**
 * The clock that all processes on one database share. It says the time of the database server and never goes back by more
 * than a second, also when the clock of the server is set back, so that its times can be compared with one another whichever
 * process wrote them. Nothing else is to be compared with them: they can differ from any process's wall clock.
 */
export interface DatabaseClock {
  now(): Date
  /**
   * What this clock read so many milliseconds ago, up to five minutes. This is not `now` minus so many milliseconds when the
   * clock was set forward in between.
   */
  ago(milliseconds: number): Date
  /** The time for something that is written now; asks the database first when this machine may have been suspended. */
  stamp(): Promise<Date>
}

/** A clock that is set again every few seconds until it is stopped. */
export interface KeptClock extends DatabaseClock {
  stop(): void
}

/** What the clock read, in milliseconds since 1970, at one moment of this process's own clocks. */
interface Reading {
  readonly at: number
  readonly monotonic: number
  readonly wall: number
  readonly roundTripMs: number
}

const MEASURE_EVERY_MS = 5000
const SAMPLES = 3
const MAX_SAMPLE_MS = 2000

/** Enough for five minutes. */
const MAX_READINGS = 64

/** Measurements are less exact than that on a busy machine, and processes must not push each other's clocks ahead. */
const TOLERANCE_MS = 1000

/** Asks the server for its time; the answer is never below an earlier answer to any process, nor below `atLeast`. */
async function askServer(connection: Connection, atLeast: Date): Promise<Date> {
  const clocks = connection.db?.collection<{ readonly _id: string; readonly at: Date }>('clock')
  const shared = await clocks?.findOneAndUpdate(
    { _id: 'shared' },
    [{ $set: { at: { $max: ['$at', '$$NOW', atLeast] } } }],
    // A time that a crash takes back is set again by the next measurement of any process.
    { upsert: true, returnDocument: 'after', ...UNJOURNALED },
  )
  if (!shared) throw new Error('The database did not say what time it is.')
  return shared.at
}

async function sample(connection: Connection, atLeast: Date): Promise<Reading> {
  const sentAt = performance.now()
  const told = await inTime(askServer(connection, atLeast), MAX_SAMPLE_MS)
  const monotonic = performance.now()
  const roundTripMs = monotonic - sentAt
  return { at: told.getTime() + roundTripMs / 2, monotonic, wall: Date.now(), roundTripMs }
}

/** The most exact of a few samples: an answer can be wrong by half its round trip. */
async function measure(connection: Connection, atLeast: Date): Promise<Reading> {
  let best = await sample(connection, atLeast)
  for (let count = 1; count < SAMPLES; count += 1) {
    const next = await sample(connection, atLeast)
    if (next.roundTripMs < best.roundTripMs) best = next
  }
  return best
}

/** The monotonic clock stands still while a machine is suspended, and its wall clock is set afterwards. */
function isDoubtful({ monotonic, wall }: Reading): boolean {
  return Math.abs(Date.now() - wall - (performance.now() - monotonic)) > TOLERANCE_MS
}

/**
 * Sets a clock by the database, and again every five seconds unless told otherwise. In between it goes by the monotonic clock of this process, so
 * that steps of its wall clock do not matter. While the database cannot be asked the last measurement counts.
 * @throws when the database cannot be asked the first time
 */
export async function keepDatabaseClock(
  connection: Connection,
  measureEveryMs = MEASURE_EVERY_MS,
): Promise<KeptClock> {
  const readings: [Reading, ...Reading[]] = [await measure(connection, new Date(0))]
  let underWay: Promise<void> | undefined

  function newest(): Reading {
    return readings.at(-1) ?? readings[0]
  }
  function timeAt(monotonic: number): number {
    const reading = readings.findLast((known) => known.monotonic <= monotonic) ?? readings[0]
    return reading.at + monotonic - reading.monotonic
  }
  async function set(): Promise<void> {
    readings.push(await measure(connection, new Date(timeAt(performance.now()) - TOLERANCE_MS)))
    if (readings.length > MAX_READINGS) readings.shift()
  }
  /** A failure is made up for by the next measurement. */
  function setAgain(): Promise<void> {
    underWay ??= set()
      .catch(() => undefined)
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }

  const timer = setInterval(() => void setAgain(), measureEveryMs).unref()
  const now = (): Date => new Date(timeAt(performance.now()))
  return {
    now,
    ago: (milliseconds) => new Date(timeAt(performance.now() - milliseconds)),
    async stamp() {
      if (isDoubtful(newest())) await setAgain()
      return now()
    },
    stop: () => clearInterval(timer),
  }
}
