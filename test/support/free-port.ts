import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port that nobody listens on, for a process that is to be found there again after its restart. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
