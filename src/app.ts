import type { Server } from 'node:http'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { unwrapResolverError } from '@apollo/server/errors'
import { makeExecutableSchema } from '@graphql-tools/schema'
import cors from '@koa/cors'
import { Router } from '@koa/router'
import Koa from 'koa'
import { callerIdentification } from './access/caller.ts'
import { orderTokens } from './access/order-token.ts'
import type { KeyHash, MerchantConfig } from './config-file.ts'
import { graphqlOverHttp } from './http/graphql-http.ts'
import { graphqlOverWebsocket } from './http/graphql-websocket.ts'
import { createPages, type PagesParts } from './http/pages.ts'
import { createHub } from './live/hub.ts'
import type { Database } from './models/database.ts'
import { notifyRouter } from './notify/router.ts'
import { healthRouter } from './operations/health.ts'
import type { Log } from './operations/log.ts'
import { connectPlatforms } from './platforms/connect.ts'
import type { GatewayContext, GatewayPorts } from './resolvers/context.ts'
import { showError } from './resolvers/errors.ts'
import { resolvers } from './resolvers/index.ts'
import { typeDefs } from './schema/index.ts'

/** Everything that the gateway is made of. */
export interface AppParts extends PagesParts {
  readonly merchants: readonly MerchantConfig[]
  readonly operators: readonly KeyHash[]
  readonly tokenSecret: Uint8Array
  /** How long an order's access token outlives the order's expiry, in seconds. */
  readonly tokenGraceSeconds: number
  /** Base of notify URLs and pay links, without a trailing slash. */
  readonly publicUrl: string
  readonly database: Database
  readonly log: Log
  readonly now: () => Date
}

/** The gateway, ready to be attached to a listening server. */
export interface App {
  /** Takes the server's requests and upgrades. */
  attach(server: Server): void
  /** From now on `/readyz` and the notify routes answer 503. */
  drain(): void
  /** Ends the open WebSockets (the clients come back by themselves) and everything in the background. */
  close(): Promise<void>
}

async function startApollo(schema: ApolloSchema, log: Log): Promise<ApolloServer<GatewayContext>> {
  const apollo = new ApolloServer<GatewayContext>({
    schema,
    introspection: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled()],
    formatError: (formatted, error) => showError(log, formatted, unwrapResolverError(error)),
  })
  await apollo.start()
  return apollo
}

type ApolloSchema = ReturnType<typeof makeExecutableSchema<GatewayContext>>

function wantsPlayground(context: Koa.Context): boolean {
  return (
    context.method === 'GET' &&
    context.query['query'] === undefined &&
    context.accepts('json', 'html') === 'html'
  )
}

/** Builds the gateway from given parts. It never listens and never reads the environment. */
export async function createApp(parts: AppParts): Promise<App> {
  const { database, log, now } = parts
  let isDraining = false
  const hub = createHub()
  const platforms = connectPlatforms(parts)
  const tokens = orderTokens(parts.tokenSecret, { graceSeconds: parts.tokenGraceSeconds, now })
  const identify = callerIdentification(parts, tokens)
  const gateway: GatewayPorts = {
    orders: database.orders,
    platformOf: platforms.of,
    announce: hub.announce,
    now,
    tokens,
    hub,
  }
  const contextFor = async (authorization: unknown): Promise<GatewayContext> => ({
    caller: await identify(authorization),
    gateway,
  })

  const schema = makeExecutableSchema<GatewayContext>({ typeDefs: [...typeDefs], resolvers })
  const apollo = await startApollo(schema, log)
  const overHttp = graphqlOverHttp({ apollo, contextFor })
  const overWebsocket = graphqlOverWebsocket({ schema, contextFor, log })
  const pages = createPages(parts)

  const health = healthRouter({ pingDatabase: database.ping, isDraining: () => isDraining })
  const notify = notifyRouter({
    ...gateway,
    inbox: database.inbox,
    rejections: database.rejections,
    log,
    isDraining: () => isDraining,
  })
  const doors = new Router()
  doors.get('/pay/:accessToken', (context) => pages.payPage(context))
  doors.all('/graphql', cors({ maxAge: 86_400 }), (context) =>
    wantsPlayground(context) ? pages.playground(context) : overHttp(context),
  )

  const koa = new Koa()
  koa.on('error', (error: unknown) => log.error({ err: error }, 'A request failed.'))
  for (const router of [health, notify, doors]) koa.use(router.routes()).use(router.allowedMethods())
  koa.use((context, next) => pages.assets(context, async () => void (await next())))
  // Only now: Koa composes what has been used so far.
  const handle = koa.callback()

  return {
    attach(server) {
      server.on('request', (request, response) => void handle(request, response))
      overWebsocket.attach(server)
    },
    drain() {
      isDraining = true
    },
    async close() {
      isDraining = true
      await overWebsocket.close()
      await apollo.stop()
      platforms.close()
    },
  }
}
