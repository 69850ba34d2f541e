import { readDynamicSymbols, readVersionNeeds } from './elf.ts'
import type { VersionNeed } from './elf.ts'

/** The version whose few functions have equals in every older glibc. */
const TOO_NEW = 'GLIBC_2.38'

/**
 * glibc 2.38 gave the C23 forms of `strtol`, `sscanf` and their kin names of their own. The forms without the
 * prefix differ only in not reading binary literals (`0b101`).
 */
const C23_PREFIX = '__isoc23_'

const VERSION_HASH_FIELD = 0
const VERSION_NAME_FIELD = 8

const byNumbers = new Intl.Collator('en', { numeric: true })

/** Compares two glibc versions such as `2.4` and `2.38`: negative when the first is older, 0 when they are equal. */
export function compareVersions(left: string, right: string): number {
  return byNumbers.compare(left, right)
}

/**
 * Makes a copy of a shared object that asks for glibc 2.38 ask for nothing newer than 2.36: what it takes from 2.38 is
 * bound to the oldest version of the same library that the file already names. The copy has the same size.
 *
 * @param file the bytes of a 64-bit little-endian ELF file; left as they are
 * @throws {TypeError} when it is not such a file, {RangeError} when it is damaged, {Error} when it cannot be lowered
 */
export function lowerGlibcNeeds(file: Buffer): Buffer {
  const lowered = Buffer.from(file)
  const needs = readVersionNeeds(file)
  const tooNew = needs.filter(({ version }) => version === TOO_NEW)
  const tooNewIndexes = new Set(tooNew.map(({ index }) => index))
  for (const need of tooNew) {
    const { at } = oldestOf(needs, need.library)
    for (const field of [VERSION_HASH_FIELD, VERSION_NAME_FIELD]) {
      lowered.writeUInt32LE(file.readUInt32LE(at + field), need.at + field)
    }
  }
  for (const { name, versionIndex, at } of readDynamicSymbols(file)) {
    if (!tooNewIndexes.has(versionIndex) || !name.startsWith(C23_PREFIX)) continue
    lowered.writeUInt32LE(file.readUInt32LE(at) + C23_PREFIX.length, at)
  }
  return lowered
}

function oldestOf(needs: readonly VersionNeed[], library: string): VersionNeed {
  const [oldest] = needs
    .filter(
      (need) => need.library === library && /^GLIBC_[\d.]+$/.test(need.version) && need.version !== TOO_NEW,
    )
    .sort((left, right) => compareVersions(left.version, right.version))
  if (oldest === undefined) throw new Error(`no glibc version older than 2.38 is named for ${library}`)
  return oldest
}
