import { lstat, lutimes, mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { pointAt, touch } from './mongo-socket.ts'

async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'paybell-socket-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

test('the lasting path leads to the new socket, and the directory of the former one is gone', async () => {
  const dir = await tempDir()
  const path = join(dir, 'mongodb.sock')
  await mkdir(join(dir, 'embedded-mongodb-a1B2c3'))
  await pointAt(path, join(dir, 'embedded-mongodb-a1B2c3', 'mongodb.sock'))
  await pointAt(path, join(dir, 'embedded-mongodb-d4E5f6', 'mongodb.sock'))
  expect(await readlink(path)).toBe(join(dir, 'embedded-mongodb-d4E5f6', 'mongodb.sock'))
  expect(await readdir(dir)).toEqual(['mongodb.sock'])
})

test('a former target that is not the engine’s stays', async () => {
  const dir = await tempDir()
  await mkdir(join(dir, 'precious'))
  await pointAt(join(dir, 'link'), join(dir, 'precious', 'file'))
  await pointAt(join(dir, 'link'), join(dir, 'other', 'file'))
  expect((await readdir(dir)).toSorted()).toEqual(['link', 'precious'])
})

test('touching makes a symbolic link itself look new, and passes over what is not there', async () => {
  const dir = await tempDir()
  const path = join(dir, 'link')
  await pointAt(path, join(dir, 'nowhere'))
  await lutimes(path, 0, 0)
  await touch([join(dir, 'missing'), path])
  expect((await lstat(path)).mtimeMs).toBeGreaterThan(Date.now() - 60_000)
})
