import { lstat, mkdir } from 'node:fs/promises'
import { EmbeddedMongoError, reasonOf } from './embedded-mongo-error.ts'

const OTHERS_MAY_ENTER = 0o077

/**
 * Makes sure that a directory exists that no other user of the machine can enter or has put there: what lies in it is
 * run as code or connected to. Missing parents are made too.
 *
 * @throws {EmbeddedMongoError} when it cannot be made, or belongs to somebody else, or is open to others
 */
export async function makePrivateDir(path: string): Promise<void> {
  const status = await mkdir(path, { recursive: true, mode: 0o700 })
    .then(() => lstat(path))
    .catch((error: unknown) => {
      throw new EmbeddedMongoError(`The directory ${path} cannot be made: ${reasonOf(error)}.`, {
        cause: error,
      })
    })
  if (process.getuid === undefined) return
  const isOurs = status.isDirectory() && status.uid === process.getuid()
  if (!isOurs || (status.mode & OTHERS_MAY_ENTER) !== 0) {
    throw new EmbeddedMongoError(
      `The directory ${path} must be a directory of this user alone (mode 0700), and it is not: remove it.`,
    )
  }
}
