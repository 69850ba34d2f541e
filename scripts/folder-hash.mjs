import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

function* filesBelow(path) {
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  for (const entry of readdirSync(path).toSorted()) yield* filesBelow(join(path, entry))
}

/** A hash over names and contents of files and folders: it changes when a build would. */
export function hashOf(paths) {
  const hash = createHash('sha256').update(process.version)
  for (const path of paths.filter((candidate) => existsSync(candidate))) {
    for (const file of filesBelow(path))
      hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/** Tells whether a stamp file was written for this hash. */
export function isStamped(stamp, hash) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
}

/** Remembers that what the hash stands for is done. */
export function writeStamp(stamp, hash) {
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
}
