import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A socket exists for a moment before it answers: whoever finds it dumb looks again after this time, in milliseconds. */
const LOOK_AGAIN_MS = 100

/** A lock that is given back at the latest when this process ends, however that happens. */
export interface ProcessLock {
  release(): Promise<void>
}

/**
 * Takes a lock by listening on a socket: the system lets one process do that, and tells from outside whether it lives.
 * What a dead process left behind is removed.
 *
 * @returns undefined when a living process has it
 */
export async function takeLock(path: string): Promise<ProcessLock | undefined> {
  const server = createServer((socket) => socket.destroy())
  while (!(await canListen(server, path))) {
    if (await answers(path)) return undefined
    await delay(LOOK_AGAIN_MS)
    if (await answers(path)) return undefined
    await rm(path, { force: true })
  }
  return {
    async release() {
      server.close()
      await once(server, 'close')
    },
  }
}

async function canListen(server: ReturnType<typeof createServer>, path: string): Promise<boolean> {
  try {
    server.listen(path)
    await once(server, 'listening')
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    throw error
  }
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
