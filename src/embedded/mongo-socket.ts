import { lutimes, readlink, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

/** How the engine's package names the temporary directory of its socket. */
const ENGINE_SOCKET_DIR = /^embedded-mongodb-\w+$/

/**
 * Makes a lasting path lead to the engine's socket, which is at another place each time it is opened: connecting follows
 * symbolic links. What a dead process left behind at the old place is removed.
 *
 * @param path the lasting path
 * @param target path of the engine's present socket
 */
export async function pointAt(path: string, target: string): Promise<void> {
  const former = await readlink(path).catch(() => undefined)
  if (former !== undefined && former !== target && ENGINE_SOCKET_DIR.test(basename(dirname(former)))) {
    await rm(dirname(former), { recursive: true, force: true })
  }
  await rm(`${path}.new`, { force: true })
  await symlink(target, `${path}.new`)
  await rename(`${path}.new`, path)
}

/**
 * Makes paths look freshly used, because systems remove what has lain in `/tmp` untouched for days, and a symbolic link
 * looks untouched however much it is followed.
 */
export async function touch(paths: readonly string[]): Promise<void> {
  const now = new Date()
  await Promise.all(paths.map((path) => lutimes(path, now, now).catch(() => undefined)))
}
