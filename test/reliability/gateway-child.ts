import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { Duplex } from 'node:stream'

/** What the harness tells a gateway process. */
export type ToGateway =
  | { readonly kind: 'start'; readonly checkLadderSeconds: readonly [number, ...number[]] }
  | { readonly kind: 'arm'; readonly point: string }

/** What a gateway process tells the harness. That it stopped goes over a channel of its own, because that may not wait. */
export type FromGateway =
  | { readonly kind: 'loaded' | 'serving' | 'armed' }
  | { readonly kind: 'database'; readonly pid: number }

/** A gateway process in the hands of the harness. */
export interface GatewayChild {
  /** Makes it serve; resolves when it does. */
  start(checkLadderSeconds: readonly [number, ...number[]]): Promise<void>
  /** Process id of its database; undefined while that is being started again. */
  databasePid(): number | undefined
  /** Lets it stop at a place; resolves once that is sure. */
  arm(point: string): Promise<void>
  /** Resolves when it has stopped. */
  stopped(): Promise<'stopped'>
  /** Lets a stopped process go on. */
  resume(): void
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>
  /** The database of this process is gone: its pid will be another. */
  forgetDatabase(): void
}

const ENTRY = ['--import', 'tsx', 'test/reliability/gateway-process.ts']

function signal() {
  const giver = new EventEmitter()
  const given = once(giver, 'given').then(() => 'stopped' as const)
  return { given, give: () => giver.emit('given') }
}

/** Spawns a gateway that loads its code and waits for `start`. */
export function spawnGateway(cwd: string, env: Readonly<Record<string, string>>): GatewayChild {
  const child = spawn(process.execPath, ENTRY, {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
  })
  const news = new EventEmitter()
  const seen = new Set<string>()
  let pid: number | undefined
  let isKilled = false
  let stop = signal()
  const channel = child.stdio[3]
  if (!(channel instanceof Duplex)) throw new Error('The channel for fault points could not be opened.')

  async function hear(kind: string): Promise<void> {
    if (!seen.has(kind)) await once(news, kind)
    seen.delete(kind)
  }
  function tell(message: ToGateway): void {
    child.send(message)
  }

  child.on('message', (message: FromGateway) => {
    if (message.kind === 'database') ({ pid } = message)
    seen.add(message.kind)
    news.emit(message.kind)
  })
  channel.on('data', () => stop.give())
  channel.on('error', () => undefined)
  child.once('exit', (code) => {
    if (!isKilled) news.emit('error', new Error(`A gateway ended by itself (exit code ${code}).`))
  })

  return {
    async start(checkLadderSeconds) {
      await hear('loaded')
      tell({ kind: 'start', checkLadderSeconds })
      await hear('serving')
    },
    databasePid: () => pid,
    async arm(point) {
      tell({ kind: 'arm', point })
      await hear('armed')
    },
    stopped: () => stop.given,
    resume() {
      stop = signal()
      channel.write('.')
    },
    async kill() {
      isKilled = true
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
    forgetDatabase() {
      pid = undefined
    },
  }
}
