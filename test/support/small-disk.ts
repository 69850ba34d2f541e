import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const MEBIBYTE = 1024 * 1024

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function mountAt(folder: string, mebibytes: number): boolean {
  return run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', folder)
}

/** Lazily, because a process that is ending may still have a file open. */
function unmount(folder: string): void {
  run('umount', '-l', folder)
  rmdirSync(folder)
}

function tryToMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'paybell-disk-'))
  const isMounted = mountAt(folder, 1)
  if (isMounted) unmount(folder)
  else rmdirSync(folder)
  return isMounted
}

/** Whether this user may mount a disk of its own. */
export const canMountDisk = process.platform === 'linux' && tryToMount()

/** A disk in memory that others may fill. */
export interface SmallDisk {
  readonly folder: string
  /** Others take what there is, but for so many mebibytes. */
  shrinkTo(mebibytes: number): void
  /** Takes the last byte. */
  fill(): Promise<void>
  /** There is room again. */
  free(): Promise<void>
}

/** A disk of this size, which takes memory only for what is written to it; it is gone after the test. */
export function smallDisk(mebibytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'paybell-disk-'))
  if (!mountAt(folder, mebibytes)) throw new Error(`No disk can be mounted at ${folder}.`)
  onTestFinished(() => unmount(folder))
  const rest = join(folder, 'rest')
  function resize(size: number): void {
    if (!run('mount', '-o', `remount,size=${size}m`, folder)) throw new Error(`${folder} cannot be resized.`)
  }
  return {
    folder,
    shrinkTo: resize,
    async fill() {
      const isFull = writeFile(rest, Buffer.alloc(64 * MEBIBYTE)).then(
        () => false,
        () => true,
      )
      if (!(await isFull)) throw new Error(`${folder} does not get full.`)
    },
    async free() {
      resize(mebibytes)
      await rm(rest)
    },
  }
}
