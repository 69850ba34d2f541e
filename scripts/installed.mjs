import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

/** What npm writes into node_modules as the last step of an install, whoever started it. */
const RECORD = 'node_modules/.package-lock.json'

const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies']

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

/** Otherwise `npm ci` has something to say, and should get to say it. */
function asksForTheSame(manifest, locked) {
  return DEPENDENCIES.every((kind) => isDeepStrictEqual(manifest[kind], locked?.[kind]))
}

function isSame(wanted, found) {
  return wanted !== undefined && wanted.version === found.version && wanted.integrity === found.integrity
}

function admits(list, name) {
  if (list === undefined || list.includes(name)) return true
  return list.some((entry) => entry.startsWith('!')) && !list.includes(`!${name}`)
}

function systemLibrary() {
  const isMusl = existsSync('/lib') && readdirSync('/lib').some((name) => name.startsWith('ld-musl-'))
  return isMusl ? 'musl' : 'glibc'
}

/** Whether a package is native code, and for this machine. */
function isNativeHere({ os, cpu, libc }) {
  const fits = cpu !== undefined && admits(os, process.platform) && admits(cpu, process.arch)
  return fits && (libc === undefined || admits(libc, systemLibrary()))
}

/**
 * What is for other machines need not be there, nor what is left out with `--omit=optional`; but the native parts of the
 * tools that build are optional for npm only.
 */
function mayBeMissing(entry) {
  if (entry.optional !== true && entry.devOptional !== true) return false
  return entry.dev !== true || !isNativeHere(entry)
}

/**
 * Tells whether node_modules holds what package-lock.json asks for: everything that npm says it installed is what is
 * wanted, nothing that is needed is missing, and all of it is still there (an interrupted `npm ci` has begun to remove it).
 */
export function isInstalled(root = '.') {
  const { packages: wanted } = readJson(join(root, 'package-lock.json'))
  const { packages: found } = readJson(join(root, RECORD))
  if (wanted === undefined || found === undefined) return false
  if (!asksForTheSame(readJson(join(root, 'package.json')), wanted[''])) return false
  const isRight = Object.entries(found).every(
    ([path, entry]) => isSame(wanted[path], entry) && existsSync(join(root, path, 'package.json')),
  )
  return (
    isRight &&
    Object.entries(wanted).every(([path, entry]) => path === '' || path in found || mayBeMissing(entry))
  )
}
