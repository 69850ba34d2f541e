import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { askReadiness } from '../support/readiness.ts'
import { ROOT } from './surroundings.ts'

/** The process as it is shipped, at a port of its own, in the hands of whoever starts and stops it, as a supervisor does. */
export interface ServedGateway {
  readonly port: number
  /** What it said each time that it ended although nobody ended it, after it had been ready. */
  readonly deaths: readonly string[]
  /** Starts it, and again should it end before it is ready; resolves when it is. */
  start(): Promise<void>
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with its exit code when it is gone, null when it had to be killed. */
  terminate(): Promise<number | null>
}

const LOOK_EVERY_MS = 50
/** One that never gets ready has a reason that no further start mends. */
const MAX_STARTS = 20
const SAID_LENGTH = 2000

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

/** A gateway that is not started yet. */
export function servedGateway(port: number, env: Readonly<Record<string, string>>): ServedGateway {
  const deaths: string[] = []
  let child: ChildProcess | undefined
  let said = ''

  function spawnIt(): ChildProcess {
    const started = spawn(process.execPath, ['dist/src/main.js'], {
      cwd: ROOT,
      env: { ...env, PORT: String(port) },
      // The channel tells it when the harness is gone, however that went.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    said = ''
    started.stderr?.on('data', (piece: Buffer) => {
      said = `${said}${piece.toString()}`.slice(-SAID_LENGTH)
    })
    return started
  }
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child
    child = undefined
    if (ending === undefined || !isRunning(ending)) return null
    ending.kill(signal)
    await once(ending, 'exit')
    return ending.exitCode
  }

  return {
    port,
    deaths,
    async start() {
      let started = spawnIt()
      child = started
      for (let starts = 1; !(await askReadiness(port));) {
        await delay(LOOK_EVERY_MS)
        // Killed while it was starting: nobody waits for it any more.
        if (child !== started) return
        if (isRunning(started)) continue
        starts += 1
        if (starts > MAX_STARTS) throw new Error(`The gateway at port ${port} does not start: ${said}`)
        started = spawnIt()
        child = started
      }
      started.once('exit', () => {
        if (child === started) deaths.push(`The gateway at port ${port} ended by itself: ${said}`)
      })
    },
    async kill() {
      await end('SIGKILL')
    },
    terminate: () => end('SIGTERM'),
  }
}
