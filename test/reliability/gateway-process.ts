/**
 * A gateway that a test can stop between any two steps. It is put together from the same parts as the real process
 * entry; only the places are more. It loads its code at once and waits for the order to start, so that a killed gateway
 * can be replaced quickly.
 */
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openEmbeddedMongo } from '../../src/embedded/embedded-mongo.ts'
import { listen } from '../../src/operations/front-door.ts'
import { createLog } from '../../src/operations/log.ts'
import { openDatabasePatiently } from '../support/patient-database.ts'
import { faultPoints, watchDoor, watchPlatformCalls, withFaultPoints } from './fault-points.ts'
import type { FromGateway, ToGateway } from './gateway-child.ts'

const points = faultPoints(3)
const config = loadConfig()
const log = createLog(config.logLevel)

function tell(message: FromGateway): void {
  process.send?.(message)
}

async function start(checkLadderSeconds: readonly [number, ...number[]]): Promise<void> {
  const { file, tokenSecrets, dataDir, tokenGraceSeconds, queryBudgetPerSecond } = config
  if (file === null || tokenSecrets === null) throw new Error('This gateway needs a merchant.')
  const door = await listen(config)
  const tellDatabase = (): void => tell({ kind: 'database', pid: embedded.pid() })
  const embedded = await openEmbeddedMongo({ dataDir, log, onRestart: tellDatabase })
  tellDatabase()
  const database = withFaultPoints(await openDatabasePatiently(embedded.uri), points)
  watchPlatformCalls(points)
  const app = await createApp({
    ...file,
    tokenSecrets,
    tokenGraceSeconds,
    checkLadderSeconds,
    closedPollScheduleSeconds: config.closedPollScheduleSeconds,
    queryBudgetPerSecond,
    publicUrl: `http://127.0.0.1:${door.port}`,
    pagesDir: join(import.meta.dirname, '../../dist/pages'),
    sandbox: undefined,
    database,
    log,
    now: () => new Date(),
  })
  door.open((server) => {
    watchDoor(server, points)
    app.attach(server)
  })
  tell({ kind: 'serving' })
}

process.on('message', (message: ToGateway) => {
  if (message.kind === 'start') void start(message.checkLadderSeconds)
  else {
    points.arm(message.point)
    tell({ kind: 'armed' })
  }
})
process.once('disconnect', () => process.exit())
tell({ kind: 'loaded' })
