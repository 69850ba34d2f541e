import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** The real process entry, running as a process of its own. */
export interface GatewayProcess {
  readonly pid: number
  /** Resolves with the exit code, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** Everything it has printed so far, a line an entry. */
  readonly lines: readonly string[]
  /** Resolves with the first match in what it prints. */
  find(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code; null when the signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** Options of `startProcess`. */
interface Start {
  /** @default the process entry itself, from source */
  readonly command?: readonly [program: string, ...args: string[]]
  /** Whether it leads a process group of its own, as what is started in a terminal does. */
  readonly isGroup?: boolean
}

const FROM_SOURCE = [process.execPath, '--import', 'tsx', 'src/main.ts'] as const

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

/** Starts the gateway with this environment and nothing else. It is stopped after the test. */
export function startProcess(
  env: Readonly<Record<string, string>>,
  { command: [program, ...args] = FROM_SOURCE, isGroup = false }: Start = {},
): GatewayProcess {
  const child = spawn(program, args, { cwd: ROOT, env, detached: isGroup })
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  const lines: string[] = []
  const watchers = new Set<() => void>()
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line)
      for (const look of watchers) look()
    })
  }
  async function kill(signal: NodeJS.Signals): Promise<number | null> {
    if (isRunning(child)) child.kill(signal)
    await ended
    return child.exitCode
  }
  onTestFinished(async () => void (await kill('SIGTERM')))
  return {
    pid: child.pid ?? Number.NaN,
    ended,
    lines,
    kill,
    find: (pattern) =>
      new Promise((resolve, reject) => {
        function look(): void {
          const match = lines.map((line) => pattern.exec(line)).find((found) => found !== null)
          if (match === undefined) return
          watchers.delete(look)
          resolve(match)
        }
        watchers.add(look)
        // What it started may still have something to say after its exit.
        child.once('close', () =>
          reject(new Error(`The process ended before ${pattern}:\n${lines.join('\n')}`)),
        )
        look()
      }),
  }
}
