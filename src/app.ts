import type { Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { Router } from '@koa/router'
import Koa from 'koa'
import { callerIdentification, type IdentifyCaller } from './access/caller.ts'
import { orderTokens, type OrderTokens, type TokenSecrets } from './access/order-token.ts'
import type { KeyHash, MerchantConfig } from './config-file.ts'
import { startApollo } from './http/apollo.ts'
import { doorsRouter } from './http/doors.ts'
import { graphqlOverHttp } from './http/graphql-http.ts'
import { createPipeline, type OperationPipelineParts } from './http/operations/pipeline.ts'
import { createStreams, type StreamsParts } from './http/streams/streams.ts'
import { createPages, type Pages, type PagesParts } from './http/pages.ts'
import { refuseOtherRole, refuseUpgrade } from './http/other-role.ts'
import { logFailures } from './http/request-failures.ts'
import type { Ladder } from './domain/check-schedule.ts'
import { openLive, type Live, type LiveParts } from './live/live.ts'
import type { Database } from './models/database.ts'
import { applyPending, applyUnmatched, readAgain, reportTroubles } from './notify/round.ts'
import { notifyRoutes } from './notify/router.ts'
import { createClockCheck } from './operations/clock-check.ts'
import { healthRouter } from './operations/health.ts'
import { createBodyReader } from './operations/read-body.ts'
import { DEFAULT_BODY_BUDGETS, type BodyBudgets } from './operations/server-limits.ts'
import { repeat, type Repetition } from './operations/repeat.ts'
import { servesNotifications, servesPages, type Role } from './operations/role.ts'
import { createLeftOutLines } from './orders/left-out-lines.ts'
import type { StartedPayment } from './orders/ports.ts'
import { createQuestions } from './orders/questions.ts'
import { reportUnreported } from './orders/report-anomalies.ts'
import { MAX_PAYERS } from './orders/reserve-number.ts'
import { createStarts } from './orders/starts.ts'
import { createSweep } from './orders/sweep.ts'
import type { Sweeper } from './orders/sweeper.ts'
import { connectPlatforms, type PlatformDeps, type Platforms } from './platforms/connect.ts'
import type { GatewayContext, GatewayPorts } from './resolvers/context.ts'
import { resolvers } from './resolvers/index.ts'
import { orderLoader } from './resolvers/order-loader.ts'
import { typeDefs } from './schema/index.ts'

/** Everything that the gateway is made of. */
export interface AppParts
  extends
    PagesParts,
    Omit<LiveParts, 'orders' | 'clock'>,
    Pick<StreamsParts, 'streamLimits'>,
    Pick<PlatformDeps, 'callLimits' | 'proxy'>,
    Pick<OperationPipelineParts, 'operationLimits' | 'trustedProxies'> {
  readonly merchants: readonly MerchantConfig[]
  readonly operators: readonly KeyHash[]
  /** See `orderTokens`. */
  readonly tokenSecrets: TokenSecrets
  /** How long an order's access token outlives the order's expiry, in seconds. */
  readonly tokenGraceSeconds: number
  /** See `Config`. */
  readonly checkLadderSeconds: readonly [number, ...number[]]
  readonly closedPollScheduleSeconds: readonly number[]
  readonly queryBudgetPerSecond: number
  /**
   * Pause between two rounds over due orders, and over the inbox and unreported anomalies, in milliseconds; 1000 and 30000 when
   * absent.
   */
  readonly roundPauses?: { readonly orders: number; readonly inbox: number }
  /** What differs from the usual budgets of unfinished bodies. */
  readonly bodyBudgets?: Partial<BodyBudgets>
  /** Which endpoints are served; all when absent. */
  readonly role?: Role
  /** Base of notify URLs and pay links, without a trailing slash. */
  readonly publicUrl: string
  readonly database: Database
  readonly now: () => Date
}

/** The gateway, ready to be attached to a listening server. */
export interface App {
  /** Takes the server's requests and upgrades. */
  attach(server: Server): void
  /** From now on `/readyz` answers 503 and no stream is opened; everything else is answered as before. */
  leave(): void
  /**
   * From now on the notify routes answer 503, and no round takes up anything new. Resolves when all who watch were told to
   * come back.
   */
  drain(): Promise<void>
  /** Ends everything in the background, calls to the platforms too; to be called when the last request was answered. */
  close(): Promise<void>
}

/** What a round has under way when the gateway closes may take so long to end well, in milliseconds. */
const ROUNDS_GRACE_MS = 2000

function inMilliseconds([first, ...others]: readonly [number, ...number[]]): Ladder {
  return [first * 1000, ...others.map((seconds) => seconds * 1000)]
}

/** What keeps callers from asking the platforms for too much. */
function bounds({ queryBudgetPerSecond: perSecond, now }: AppParts) {
  return {
    starts: createStarts<StartedPayment>({ most: MAX_PAYERS, now }),
    questions: createQuestions({ perSecond, now }),
  }
}

/** Operations and notifications have separate budgets for unfinished bodies. */
function bodyReaders({ bodyBudgets, trustedProxies = 0 }: AppParts) {
  const budgets = { ...DEFAULT_BODY_BUDGETS, ...bodyBudgets }
  return {
    readBody: createBodyReader(budgets.operations, trustedProxies),
    readNotification: createBodyReader(budgets.notifications, trustedProxies),
  }
}

/** Periodic jobs, and the questions to platforms that they begin. */
interface Background {
  readonly jobs: readonly Repetition[]
  readonly sweeper: Sweeper
}

/** Resolves when all of it has ended. What an order was kept from at last is of no consequence: it stays due. */
async function endOf({ jobs, sweeper }: Background): Promise<void> {
  await Promise.all(jobs.map((job) => job.stop()))
  await sweeper.settled().catch(() => undefined)
}

/** What nobody calls for: asking about silent payments, and applying what was stored and not applied. */
function startBackground(
  gateway: GatewayPorts,
  platforms: Platforms,
  { merchants, log, role = 'all', roundPauses = { orders: 1000, inbox: 30_000 } }: AppParts,
): Background {
  const merchantIds = merchants.map(({ id }) => id)
  const sweeper = createSweep({ ...gateway, readiness: platforms.readiness, merchants: merchantIds })
  if (!servesNotifications(role)) return { jobs: [], sweeper }
  const once = repeat({ name: 'read stored notifications again', pauseMs: 3_600_000, log }, (leaving) =>
    readAgain(gateway, log, leaving),
  )
  const inbox = repeat({ name: 'round over the inbox', pauseMs: roundPauses.inbox, log }, async (leaving) => {
    await applyPending(gateway, log, leaving)
    await reportTroubles(gateway, log, leaving)
  })
  const anomalies = repeat(
    { name: 'round over unreported anomalies', pauseMs: roundPauses.inbox, log },
    (leaving) => reportUnreported(gateway, leaving),
  )
  const orders = repeat({ name: 'round over due orders', pauseMs: roundPauses.orders, log }, sweeper.look)
  return { jobs: [once, inbox, anomalies, orders], sweeper }
}

/** The context of an operation, by the Authorization that it came with. */
function contextsOf(gateway: GatewayPorts, identify: IdentifyCaller) {
  return async (authorization: unknown): Promise<GatewayContext> => ({
    caller: await identify(authorization),
    gateway,
  })
}

/** What the use-cases and the resolvers work with. */
function gatewayPorts(
  parts: AppParts,
  {
    live,
    platforms,
    tokens,
  }: { readonly live: Live; readonly platforms: Platforms; readonly tokens: OrderTokens },
): GatewayPorts {
  const { database, now, log } = parts
  const gateway: GatewayPorts = {
    ...database,
    platformOf: platforms.of,
    announce: live.announce,
    orderAppeared: (order) => applyUnmatched(gateway, order, log),
    ladder: inMilliseconds(parts.checkLadderSeconds),
    closedSchedule: parts.closedPollScheduleSeconds.map((seconds) => seconds * 1000),
    log,
    leftOutLines: createLeftOutLines(log),
    ...bounds(parts),
    now,
    tokens,
    hub: live.hub,
    feed: live.feed,
    loadOrder: orderLoader(database.orders),
    merchantNames: new Map(parts.merchants.map(({ id, name }) => [id, name])),
  }
  return gateway
}

interface Endpoints extends Pick<AppParts, 'log' | 'role'> {
  /** Served in every role. */
  readonly health: Router
  readonly routers: readonly Router[]
  readonly pages: Pages
}

function requestHandler({ log, role = 'all', health, routers, pages }: Endpoints) {
  const koa = new Koa()
  koa.on('error', logFailures(log))
  koa.use(health.routes()).use(health.allowedMethods()).use(refuseOtherRole(role))
  for (const router of routers) koa.use(router.routes()).use(router.allowedMethods())
  koa.use((context, next) => pages.assets(context, async () => void (await next())))
  // Only now: Koa composes what has been used so far.
  return koa.callback()
}

/** Builds the gateway from given parts. It never listens and never reads the environment. */
export async function createApp(parts: AppParts): Promise<App> {
  const { database, log, now, role = 'all' } = parts
  let isDraining = false
  const live = openLive({ ...database, ...parts })
  const clockCheck = createClockCheck(parts)
  const platforms = connectPlatforms({ ...parts, onPlatformTime: clockCheck.observe })
  const tokens = orderTokens(parts.tokenSecrets, { graceSeconds: parts.tokenGraceSeconds, now })
  const gateway = gatewayPorts(parts, { live, platforms, tokens })
  const contextFor = contextsOf(gateway, callerIdentification(parts, tokens))

  const { readBody, readNotification } = bodyReaders(parts)

  const schema = makeExecutableSchema<GatewayContext>({ typeDefs: [...typeDefs], resolvers })
  const apollo = await startApollo(schema, log)
  const pipeline = createPipeline({ ...parts, schema, contextFor })
  const streams = createStreams({ ...parts, pipeline, readBody })
  const pages = createPages(parts)

  const health = healthRouter({
    pingDatabase: database.ping,
    isDraining: () => streams.isLeaving,
    clock: clockCheck.offset,
  })
  const ports = { ...gateway, ...database.notifications }
  const notify = notifyRoutes({
    ...parts,
    ...ports,
    readBody: readNotification,
    isDraining: () => isDraining,
  })
  const doors = doorsRouter({
    pages,
    overHttp: graphqlOverHttp({ apollo, pipeline, readBody }),
    overSse: streams.overSse,
    longPoll: streams.longPoll,
  })

  const handle = requestHandler({ ...parts, health, routers: [notify.router, doors], pages })
  const background = startBackground(ports, platforms, parts)

  return {
    attach(server) {
      server.on('request', (request, response) => void handle(request, response))
      if (servesPages(role)) streams.attach(server)
      else server.on('upgrade', refuseUpgrade)
    },
    leave: streams.leave,
    async drain() {
      isDraining = true
      for (const job of background.jobs) job.leave()
      await streams.depart()
    },
    async close() {
      const ended = Promise.all([live.close(), endOf(background)])
      await Promise.race([ended, pause(ROUNDS_GRACE_MS, undefined, { ref: false })])
      // A slow platform must not keep the process: what it was asked is due as before.
      platforms.close()
      await ended
      notify.close()
      await apollo.stop()
    },
  }
}
