import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { within } from './within.ts'

/** A database process that hangs is none; whoever wants it finds out that its files are locked. */
const GREETING_TIMEOUT_MS = 5_000

/** A hold on the database: it serves as long as anybody has one. */
export interface Lease {
  /** Process id of the database. */
  readonly pid: number
  /** Resolves when the hold is over, be it given back or lost because the database process died. */
  readonly ended: Promise<true>
  /**
   * Gives the hold back. When it was the last, this resolves only after the database process has ended.
   *
   * @returns false when that took longer than `timeoutMs` milliseconds
   */
  release(timeoutMs: number): Promise<boolean>
}

/**
 * Takes a lease on the database process that listens on a control socket.
 *
 * @returns undefined when there is no such process, or it is on its way out
 */
export async function takeLease(controlSocket: string): Promise<Lease | undefined> {
  const socket = connect(controlSocket)
  const ended = new Promise<true>((resolve) => socket.once('close', () => resolve(true)))
  socket.on('error', () => socket.destroy())
  const pid = await readGreeting(socket)
  if (pid === undefined) return undefined
  return { pid, ended, release: (timeoutMs) => release(socket, ended, timeoutMs) }
}

function readGreeting(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve) => {
    let greeting = ''
    socket.setEncoding('utf8')
    socket.setTimeout(GREETING_TIMEOUT_MS, () => socket.destroy())
    socket.on('data', (chunk) => {
      greeting += String(chunk)
      if (!greeting.endsWith('\n')) return
      socket.setTimeout(0)
      resolve(Number(greeting))
    })
    socket.once('close', () => resolve(undefined))
  })
}

async function release(socket: Socket, ended: Promise<true>, timeoutMs: number): Promise<boolean> {
  socket.write('bye\n')
  const isEnded = await within(ended, timeoutMs)
  socket.destroy()
  return isEnded === true
}
