import { z } from 'zod'
import { readMerchantsFile } from './merchants-file.ts'
import type { MerchantOptions } from './merchants.ts'
import type { SigningMode } from './platform-keys.ts'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** How a simulator process is to run. */
export type Settings = {
  readonly host: string
  readonly port: number
  /** Undefined: only the host that it listens on is its own. */
  readonly publicUrl: string | undefined
  readonly signWith: SigningMode
  readonly timeFactor: number
  readonly answerSeconds: number
  /** Undefined: keep nothing. */
  readonly dataDir: string | undefined
  /** Undefined: make a demo merchant. */
  readonly merchants: readonly MerchantOptions[] | undefined
}

/** Everything that is wrong with the configuration, one line a mistake, no secret's value in any. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

const environmentSchema = z.object({
  SIMULATOR_HOST: z.string().min(1).default('127.0.0.1'),
  SIMULATOR_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'expected a port number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'expected a port number from 0 to 65535')
    .default(4002),
  SIMULATOR_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'expected an http(s) address, e.g. https://simulator.example' })
    .optional(),
  SIMULATOR_CONFIG: z.string().min(1).optional(),
  SIMULATOR_DATA_DIR: z.string().min(1).optional(),
  SIMULATOR_TIME_FACTOR: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'expected a number that is not negative, such as 1 or 0.001')
    .transform(Number)
    .refine((factor) => factor <= 60, 'expected at most 60')
    .default(1),
  SIMULATOR_ANSWER_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'expected whole seconds from 1 to 999')
    .transform(Number)
    .default(5),
  SIMULATOR_SIGN_WITH: z
    .enum(['public-key', 'certificate'], 'expected public-key or certificate')
    .default('public-key'),
})

const defaultDataDir = 'data/simulator'

/** An empty variable counts as one that is not set. */
const withoutEmpty = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))

/**
 * Reads the settings of a simulator process from its environment and the file that it names.
 * @throws {SettingsError} with one line for each mistake
 */
export async function readSettings(env: Environment): Promise<Settings> {
  const result = environmentSchema.safeParse(withoutEmpty(env))
  if (!result.success) {
    const mistakes = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new SettingsError(mistakes)
  }
  const found = result.data
  const file = found.SIMULATOR_CONFIG
  const read = file === undefined ? undefined : await readMerchantsFile(file, env)
  if (read && 'mistakes' in read) throw new SettingsError(read.mistakes)
  return {
    host: found.SIMULATOR_HOST,
    port: found.SIMULATOR_PORT,
    publicUrl: found.SIMULATOR_PUBLIC_URL,
    signWith: found.SIMULATOR_SIGN_WITH,
    timeFactor: found.SIMULATOR_TIME_FACTOR,
    answerSeconds: found.SIMULATOR_ANSWER_SECONDS,
    // The demo merchant needs a folder for its files; with a configuration, keeping things is a choice.
    dataDir: found.SIMULATOR_DATA_DIR ?? (read ? undefined : defaultDataDir),
    merchants: read?.merchants,
  }
}
