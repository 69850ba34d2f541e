import { Router } from '@koa/router'

/** What the health routes look at. */
export interface HealthParts {
  /** Rejects when the database does not answer. */
  readonly pingDatabase: () => Promise<void>
  readonly isDraining: () => boolean
}

async function readiness({ pingDatabase, isDraining }: HealthParts): Promise<string> {
  if (isDraining()) return 'draining'
  return pingDatabase().then(
    () => 'ready',
    () => 'database unreachable',
  )
}

/** `/healthz`: the process is alive. `/readyz`: it can take traffic, 503 with the reason when it cannot. */
export function healthRouter(parts: HealthParts): Router {
  const router = new Router()
  router.get('/healthz', (context) => {
    context.body = { status: 'alive' }
  })
  router.get('/readyz', async (context) => {
    const status = await readiness(parts)
    context.status = status === 'ready' ? 200 : 503
    context.body = { status }
  })
  return router
}
