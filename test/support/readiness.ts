import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'node:http'

/** Which gateways can take traffic, as a balancer sees it. */
export interface Readiness {
  isReady(port: number): boolean
  /** All ports: the ready ones first, taking turns. One that is not ready is better than nobody. */
  inOrder(): readonly number[]
  stop(): void
}

const LOOK_EVERY_MS = 50
const PATIENCE_MS = 1000

/** Whether `/readyz` answers 200 at this moment. */
export function askReadiness(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ port, host: '127.0.0.1', path: '/readyz', agent: false, timeout: PATIENCE_MS })
    asked.on('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.on('close', () => resolve(false))
    asked.end()
  })
}

/** Looks at the gateways on these ports all the time. */
export function watchReadiness(ports: readonly number[]): Readiness {
  const ready = new Set<number>()
  const stopping = new AbortController()
  let turn = 0

  async function look(port: number): Promise<void> {
    while (!stopping.signal.aborted) {
      if (await askReadiness(port)) ready.add(port)
      else ready.delete(port)
      await delay(LOOK_EVERY_MS)
    }
  }

  for (const port of ports) void look(port)
  return {
    isReady: (port) => ready.has(port),
    inOrder() {
      turn += 1
      const turned = ports.map((_, index) => ports[(index + turn) % ports.length] ?? 0)
      return turned.toSorted((a, b) => Number(ready.has(b)) - Number(ready.has(a)))
    },
    stop: () => stopping.abort(),
  }
}
