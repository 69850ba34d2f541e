import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

interface Target {
  /** Where the gateway is. */
  readonly url: string
  /** `$N` in it is another number each time. */
  readonly query: string
  /** The whole value, `Bearer …`. */
  readonly authorization?: string
}

/** Clients that ask again as soon as they were answered. */
export interface HttpFlood extends Target {
  readonly transport: 'http'
  readonly path: '/graphql' | '/graphql/stream'
  readonly clients: number
}

/** Sockets that ask for many operations at once. */
export interface SocketFlood extends Target {
  readonly transport: 'websocket'
  readonly sockets: number
  readonly operations: number
  /** Whether each operation that was answered is followed by another one. */
  readonly isEndless: boolean
}

/** Connections that send the same bytes for as long as they are read, and again on a new connection. */
export interface BytesFlood {
  readonly transport: 'bytes'
  readonly url: string
  readonly connections: number
  /** What each connection sends first, in Latin-1. */
  readonly head: string
  /** What it sends after that without an end, in Latin-1. */
  readonly repeated: string
}

/** What is sent to a gateway. */
export type Flood = HttpFlood | SocketFlood | BytesFlood

/** How many answers of each kind came: HTTP statuses, error codes, close codes. */
export type Counts = Readonly<Record<string, number>>

/** A flood in a process of its own. */
export interface RunningFlood {
  /** Ends it; resolves with what was answered. */
  stop(): Promise<Counts>
}

/** Starts a flood; resolves when everything was sent, or, of an endless one, the first of it. */
export async function startFlood(flood: Flood): Promise<RunningFlood> {
  const entry = join(import.meta.dirname, 'flood-process.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', entry, JSON.stringify(flood)], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  return {
    async stop() {
      const exited = once(child, 'exit')
      const answered = once(child, 'message')
      child.send('stop')
      const [{ counts }] = (await answered) as [{ readonly counts: Counts }]
      await exited
      return counts
    },
  }
}
