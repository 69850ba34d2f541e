import { Router } from '@koa/router'
import type { ClockOffset } from './clock-check.ts'

/** What the health routes look at. */
export interface HealthParts {
  /** Rejects when the database cannot be used; the error may have a `readiness`, a few words for `/readyz`. */
  readonly pingDatabase: () => Promise<void>
  readonly isDraining: () => boolean
  /** Undefined while no platform has said its time. */
  readonly clock: () => ClockOffset | undefined
}

function hasReadiness(error: unknown): error is { readonly readiness: string } {
  return error instanceof Error && 'readiness' in error && typeof error.readiness === 'string'
}

async function readiness({ pingDatabase, isDraining }: HealthParts): Promise<string> {
  if (isDraining()) return 'draining'
  return pingDatabase().then(
    () => 'ready',
    (error: unknown) => (hasReadiness(error) ? error.readiness : 'database unreachable'),
  )
}

/**
 * `/healthz`: the process is alive. `/readyz`: it can take traffic, 503 with the reason when it cannot; and how far its clock is
 * from that of the platforms.
 */
export function healthRouter(parts: HealthParts): Router {
  const router = new Router({ sensitive: true })
  router.get('/healthz', (context) => {
    context.body = { status: 'alive' }
  })
  router.get('/readyz', async (context) => {
    const status = await readiness(parts)
    context.status = status === 'ready' ? 200 : 503
    const clock = parts.clock()
    context.body = { status, ...(clock && { clock }) }
  })
  return router
}
