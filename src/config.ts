import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { host, notifyUrlMistakes, publicUrl, redisUrl } from './config-addresses.ts'
import { configFileSchema, type ConfigFile, type KeyHash, type MerchantConfig } from './config-file.ts'
import { mistakesOf } from './config-mistakes.ts'
import { proxyFrom, type ProxySettings } from './config-proxy.ts'
import { tokenSecrets, type Secrets } from './config-secrets.ts'
import { ROLES, type Role } from './operations/role.ts'
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './operations/stream-limits.ts'

/** The variables that `loadConfig` reads; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Everything that the process was told, validated; nothing else reads the environment. */
export interface Config {
  /** TCP port; 0 takes any free one. */
  readonly port: number
  readonly host: string
  /** Base of notify URLs and pay links, without a trailing slash; null means http://HOST:PORT. */
  readonly publicUrl: string | null
  /** Null means the embedded MongoDB. */
  readonly mongodbUri: string | null
  /** Bus between gateway processes; null means a single process. */
  readonly redisUrl: string | null
  /** Absolute path of the folder for everything that this process keeps on disk. */
  readonly dataDir: string
  readonly logLevel: string
  /** Which endpoints this process serves. */
  readonly role: Role
  /** The first one signs order access tokens, all are accepted; null in the sandbox, which makes its own. */
  readonly tokenSecrets: Secrets | null
  /** How long an order's access token outlives the order's expiry, in seconds. */
  readonly tokenGraceSeconds: number
  /** Waits between scheduled questions about a payment that nobody reported, in seconds; the last one repeats. */
  readonly checkLadderSeconds: readonly [number, ...number[]]
  /** How long after the end of an order its numbers are asked about again, in seconds, ascending. */
  readonly closedPollScheduleSeconds: readonly [number, ...number[]]
  /** How many questions about payments the platform is asked for one merchant, per second. */
  readonly queryBudgetPerSecond: number
  /** Which proxies calls to platforms go through; null means none, as always in the sandbox, whose platform is beside it. */
  readonly proxy: ProxySettings | null
  /** How many proxies in front append the address that they were called from to `X-Forwarded-For`. */
  readonly trustedProxies: number
  readonly streamLimits: Pick<
    StreamLimits,
    'connectionsPerAddress' | 'connectionsPerToken' | 'subscriptionsPerToken'
  >
  /** From the signal to stop until the first watcher is sent away: what a balancer needs to notice, in milliseconds. */
  readonly shutdownPauseMs: number
  /** Null means the sandbox: no merchant is configured. */
  readonly file: {
    readonly merchants: readonly MerchantConfig[]
    readonly operators: readonly KeyHash[]
  } | null
}

/** A configuration that cannot be used: one line a mistake, without the value of any secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(['The configuration has mistakes:', ...mistakes.map((line) => `  ${line}`)].join('\n'))
    this.mistakes = mistakes
  }
}

const number = (expected: string) => z.string().regex(/^\d+$/, expected).transform(Number)
const positive = (expected: string) => number(expected).refine((value) => value >= 1, expected)
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const secondsList = (example: string) =>
  z
    .string()
    .regex(
      /^[1-9]\d{0,7}( *, *[1-9]\d{0,7})*$/,
      `expected whole seconds (below 100000000) separated by commas, e.g. ${example}`,
    )
    .transform((text): readonly [number, ...number[]] => {
      const [first = 1, ...others] = text.split(',').map(Number)
      return [first, ...others]
    })

const environment = z.object({
  PORT: number('expected a TCP port, 0 to 65535')
    .refine((port) => port <= 65_535, 'expected a TCP port, 0 to 65535')
    .default(4000),
  HOST: host.default('127.0.0.1'),
  PUBLIC_URL: publicUrl.nullable().default(null),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'expected an address that begins with mongodb:// or mongodb+srv://')
    .nullable()
    .default(null),
  REDIS_URL: redisUrl.nullable().default(null),
  DATA_DIR: z
    .string()
    .default('./data')
    .transform((path) => resolve(path)),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  ROLE: z.enum(ROLES, { error: `expected one of ${ROLES.join(', ')}` }).default('all'),
  PAYBELL_CONFIG: z.string().nullable().default(null),
  TOKEN_SECRET: tokenSecrets.nullable().default(null),
  CHECK_LADDER_SECONDS: secondsList('30,60,180').default([30, 60, 180, 600, 1800, 3600]),
  CLOSED_POLL_SCHEDULE_SECONDS: secondsList('600,3600,86400')
    .refine((offsets) => offsets.every((offset, index) => offset > (offsets[index - 1] ?? 0)), {
      error: 'expected ascending seconds, each counted from the end of the order, e.g. 600,3600,86400',
    })
    .default([600, 3600, 86_400]),
  QUERY_BUDGET_PER_SECOND: positive('expected a whole number of at least 1').default(50),
  TRUSTED_PROXIES: number('expected the number of proxies in front, 0 or more').default(0),
  CONNECTIONS_PER_ADDRESS: positive('expected a whole number of at least 1').default(
    DEFAULT_STREAM_LIMITS.connectionsPerAddress,
  ),
  CONNECTIONS_PER_TOKEN: positive('expected a whole number of at least 1').default(
    DEFAULT_STREAM_LIMITS.connectionsPerToken,
  ),
  SUBSCRIPTIONS_PER_TOKEN: positive('expected a whole number of at least 1').default(
    DEFAULT_STREAM_LIMITS.subscriptionsPerToken,
  ),
  SHUTDOWN_PAUSE_MS: number('expected a whole number of milliseconds').default(500),
  TOKEN_GRACE_SECONDS: number('expected whole seconds, at most 31536000 (a year)')
    .refine((seconds) => seconds <= 31_536_000, 'expected whole seconds, at most 31536000 (a year)')
    .default(86_400),
})

function readJson(path: string): { readonly json: unknown } | { readonly mistake: string } {
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return { json }
  } catch (error) {
    const isSyntax = error instanceof SyntaxError
    // V8 quotes the text around the mistake, which may be a secret.
    const wrong = isSyntax
      ? 'is not JSON'
      : `cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})`
    return {
      mistake: `PAYBELL_CONFIG: ${path} ${wrong}; expected the JSON file that describes the merchants`,
    }
  }
}

function loadFile(path: string, env: Environment): { file: ConfigFile | null; mistakes: readonly string[] } {
  const read = readJson(path)
  if ('mistake' in read) return { file: null, mistakes: [read.mistake] }
  const parsed = configFileSchema(path, env).safeParse(read.json, { reportInput: true })
  return parsed.success
    ? { file: parsed.data, mistakes: [] }
    : { file: null, mistakes: mistakesOf(path, parsed.error) }
}

/** What a variable must or must not be, with and without merchants. */
function modeMistakes(given: Environment, role: Role = 'all'): readonly string[] {
  const isSandbox = given['PAYBELL_CONFIG'] === undefined
  if (isSandbox && role !== 'all')
    return [`ROLE: is "${role}"; expected all, or nothing, in the sandbox (PAYBELL_CONFIG is not set)`]
  if (isSandbox || given['TOKEN_SECRET'] !== undefined) return []
  return ['TOKEN_SECRET: is not set; expected at least 32 random bytes, e.g. from `openssl rand -hex 32`']
}

/**
 * Reads the environment and the file that it names.
 * @throws {ConfigError} with every mistake at once: which field, what is wrong, what is expected
 */
export function loadConfig(
  // oxlint-disable-next-line node/no-process-env -- the one place where the environment is read
  env: Environment = process.env,
): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given, { reportInput: true })
  const path = given['PAYBELL_CONFIG']
  const { file, mistakes } =
    path === undefined ? { file: null, mistakes: [] } : loadFile(resolve(path), given)
  const outgoing = path === undefined ? { proxy: null, mistakes: [] } : proxyFrom(given)
  const all = [
    ...(parsed.success ? notifyUrlMistakes(parsed.data.PUBLIC_URL, file) : mistakesOf('', parsed.error)),
    ...outgoing.mistakes,
    ...mistakes,
    ...modeMistakes(given, parsed.data?.ROLE),
  ]
  if (!parsed.success || all.length > 0) throw new ConfigError(all)
  const values = parsed.data
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL,
    mongodbUri: values.MONGODB_URI,
    redisUrl: values.REDIS_URL,
    dataDir: values.DATA_DIR,
    logLevel: values.LOG_LEVEL,
    role: values.ROLE,
    tokenSecrets: values.TOKEN_SECRET,
    tokenGraceSeconds: values.TOKEN_GRACE_SECONDS,
    checkLadderSeconds: values.CHECK_LADDER_SECONDS,
    closedPollScheduleSeconds: values.CLOSED_POLL_SCHEDULE_SECONDS,
    queryBudgetPerSecond: values.QUERY_BUDGET_PER_SECOND,
    proxy: outgoing.proxy,
    trustedProxies: values.TRUSTED_PROXIES,
    streamLimits: {
      connectionsPerAddress: values.CONNECTIONS_PER_ADDRESS,
      connectionsPerToken: values.CONNECTIONS_PER_TOKEN,
      subscriptionsPerToken: values.SUBSCRIPTIONS_PER_TOKEN,
    },
    shutdownPauseMs: values.SHUTDOWN_PAUSE_MS,
    file,
  })
}
