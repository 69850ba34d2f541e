/**
 * Just enough of the ELF format to see which versions of which libraries a shared object asks for.
 * Only 64-bit little-endian files (x86-64, AArch64). Every place outside the file is a `RangeError`.
 *
 * @see https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
 */

const MAGIC_64_BIT_LITTLE_ENDIAN = '7f454c460201'
const SECTION_TYPE = { dynamicSymbols: 11, versionNeeds: 0x6ffffffe, symbolVersions: 0x6fffffff } as const
const SYMBOL_BYTES = 24
const VERSION_BYTES = 2
const VERSION_INDEX_MASK = 0x7fff

interface Section {
  readonly type: number
  readonly offset: number
  readonly size: number
  /** Which section holds this one's names. */
  readonly link: number
  /** For version needs: how many libraries are listed. */
  readonly info: number
}

/** One version of one library that the loader must find before it accepts the file. */
export interface VersionNeed {
  /** File name of the library, e.g. `libc.so.6`. */
  readonly library: string
  /** Name of the version, e.g. `GLIBC_2.38`. */
  readonly version: string
  /** The number by which symbols refer to this entry. */
  readonly index: number
  /** Where the entry is, in bytes from the start of the file; its hash and name offset are its fields at +0 and +8. */
  readonly at: number
}

/** One symbol that the file exports or imports. */
export interface DynamicSymbol {
  readonly name: string
  /** The `index` of the version it is bound to; 0 and 1 mean none. */
  readonly versionIndex: number
  /** Where the entry is, in bytes from the start of the file; its name offset is its field at +0. */
  readonly at: number
}

/**
 * Lists the versions of libraries that an ELF file needs, in the file's order; empty when it names none.
 *
 * @throws {TypeError} when the file is not 64-bit little-endian ELF
 * @throws {RangeError} when it is cut off or damaged
 */
export function readVersionNeeds(file: Buffer): readonly VersionNeed[] {
  const sections = readSections(file)
  const section = sections.find(({ type }) => type === SECTION_TYPE.versionNeeds)
  if (section === undefined) return []
  const names = namesOf(file, sections, section)
  const needs: VersionNeed[] = []
  let library = section.offset
  for (let listed = 0; listed < section.info; listed++) {
    needs.push(...readLibraryNeeds(file, library, names))
    library += file.readUInt32LE(library + 12)
  }
  return needs
}

function readLibraryNeeds(file: Buffer, library: number, names: Buffer): readonly VersionNeed[] {
  const name = nameAt(names, file.readUInt32LE(library + 4))
  const needs: VersionNeed[] = []
  let at = library + file.readUInt32LE(library + 8)
  for (let left = file.readUInt16LE(library + 2); left > 0; left--) {
    const version = nameAt(names, file.readUInt32LE(at + 8))
    needs.push({ library: name, version, index: file.readUInt16LE(at + 6), at })
    at += file.readUInt32LE(at + 12)
  }
  return needs
}

/**
 * Lists the dynamic symbols of an ELF file with the version that each is bound to; empty when it has none.
 *
 * @throws {TypeError} when the file is not 64-bit little-endian ELF
 * @throws {RangeError} when it is cut off or damaged
 */
export function readDynamicSymbols(file: Buffer): readonly DynamicSymbol[] {
  const sections = readSections(file)
  const symbols = sections.find(({ type }) => type === SECTION_TYPE.dynamicSymbols)
  const versions = sections.find(({ type }) => type === SECTION_TYPE.symbolVersions)
  if (symbols === undefined || versions === undefined) return []
  const names = namesOf(file, sections, symbols)
  return Array.from({ length: Math.floor(symbols.size / SYMBOL_BYTES) }, (_, position) => {
    const at = symbols.offset + position * SYMBOL_BYTES
    const version = file.readUInt16LE(versions.offset + position * VERSION_BYTES)
    return { name: nameAt(names, file.readUInt32LE(at)), versionIndex: version & VERSION_INDEX_MASK, at }
  })
}

function readSections(file: Buffer): readonly Section[] {
  if (file.toString('hex', 0, 6) !== MAGIC_64_BIT_LITTLE_ENDIAN) {
    throw new TypeError('expected a 64-bit little-endian ELF file')
  }
  const table = Number(file.readBigUInt64LE(0x28))
  const entryBytes = file.readUInt16LE(0x3a)
  const count = file.readUInt16LE(0x3c)
  if (table + count * entryBytes > file.length) {
    throw new RangeError('the ELF file is damaged: its table of sections lies outside the file')
  }
  return Array.from({ length: count }, (_, position) => {
    const at = table + position * entryBytes
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
      info: file.readUInt32LE(at + 44),
    }
  })
}

function namesOf(file: Buffer, sections: readonly Section[], { link }: Section): Buffer {
  const names = sections[link]
  if (names === undefined || names.offset + names.size > file.length) {
    throw new RangeError('the ELF file is damaged: its table of names lies outside the file')
  }
  return file.subarray(names.offset, names.offset + names.size)
}

function nameAt(names: Buffer, start: number): string {
  const end = names.indexOf(0, start)
  if (start >= names.length || end < 0) {
    throw new RangeError(`the ELF file is damaged: no name ends after byte ${start} of its table of names`)
  }
  return names.toString('latin1', start, end)
}
