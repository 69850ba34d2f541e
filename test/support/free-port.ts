import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that outgoing connections are given (on Linux 32768 and above): none of them takes it meanwhile. */
const LOWEST = 20_000
const HIGHEST = 32_000
const MAX_DRAWS = 100

/** What was given before may not be listened on yet. */
const given = new Set<number>()

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen(port, '127.0.0.1')
    await once(probe, 'listening')
  } catch {
    return false
  }
  probe.close()
  await once(probe, 'close')
  return true
}

/**
 * A port that nobody listens on, for what is to be found there again after its restart; or the first of so many in a row.
 * @throws when none was found
 */
export async function freePort(inARow = 1): Promise<number> {
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    const first = randomInt(LOWEST, HIGHEST)
    const ports = Array.from({ length: inARow }, (_, index) => first + index)
    const areFree = await Promise.all(ports.map(isFree))
    if (areFree.includes(false) || ports.some((port) => given.has(port))) continue
    for (const port of ports) given.add(port)
    return first
  }
  throw new Error(`No ${inARow} free ports in a row between ${LOWEST} and ${HIGHEST} were found.`)
}
