import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** The real process entry, running as a process of its own. */
export interface GatewayProcess {
  /** Everything it has printed so far, a line an entry. */
  readonly lines: readonly string[]
  /** Resolves with the first match in what it prints. */
  find(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code; null when the signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

/** Starts `src/main.ts` with this environment and nothing else. It is stopped after the test. */
export function startProcess(env: Readonly<Record<string, string>>): GatewayProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], { cwd: ROOT, env })
  const lines: string[] = []
  const watchers = new Set<() => void>()
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line)
      for (const look of watchers) look()
    })
  }
  async function kill(signal: NodeJS.Signals): Promise<number | null> {
    if (isRunning(child)) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
  onTestFinished(async () => void (await kill('SIGTERM')))
  return {
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
        child.once('exit', () =>
          reject(new Error(`The process ended before ${pattern}:\n${lines.join('\n')}`)),
        )
        look()
      }),
  }
}
