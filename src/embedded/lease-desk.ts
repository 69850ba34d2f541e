import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'

/** What `openLeaseDesk` needs. */
export interface LeaseDeskOptions {
  /** Path of the Unix socket to listen on; one left behind by a dead process is removed. */
  readonly path: string
  /** How long the database waits for somebody to come after the last holder vanished, in milliseconds. */
  readonly graceMs: number
  /** Called when nobody needs the database any more. */
  readonly onUnused: () => void
}

/** Where gateways hold their leases on the database. */
export interface LeaseDesk {
  /** Stops listening and removes the socket; connections that are still open end with the process. */
  close(): void
  /** How many leases are held. */
  holderCount(): number
}

/**
 * Opens the desk. A lease is an open connection, so that it ends with the process that holds it, however that dies. The
 * desk greets with the database's process id. Whatever the holder sends means that it leaves for good, and then nobody
 * waits for it to return. The connection of the last one to leave stays open: its end tells the holder that the database
 * process is gone.
 */
export async function openLeaseDesk({ path, graceMs, onUnused }: LeaseDeskOptions): Promise<LeaseDesk> {
  const holders = new Set<Socket>()
  let grace: NodeJS.Timeout | undefined

  function startGrace(): void {
    if (holders.size === 0) grace = setTimeout(onUnused, graceMs)
  }

  function dismiss(holder: Socket): void {
    holders.delete(holder)
    if (holders.size === 0) onUnused()
    else holder.end()
  }

  function welcome(holder: Socket): void {
    clearTimeout(grace)
    holders.add(holder)
    holder.on('error', () => holder.destroy())
    holder.once('data', () => dismiss(holder))
    holder.once('close', () => {
      if (holders.delete(holder)) startGrace()
    })
    holder.write(`${process.pid}\n`)
  }

  await rm(path, { force: true })
  const server = createServer(welcome).listen(path)
  await once(server, 'listening')
  startGrace()
  return {
    close() {
      clearTimeout(grace)
      server.close()
    },
    holderCount: () => holders.size,
  }
}
