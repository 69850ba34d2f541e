import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makePrivateDir } from './private-dir.ts'

async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'paybell-private-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

test('a directory is made with its parents, for this user alone', async () => {
  const path = join(await tempDir(), 'a', 'b')
  await makePrivateDir(path)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('one that is there already is taken', async () => {
  const path = await tempDir()
  await makePrivateDir(path)
  await makePrivateDir(path)
})

test('one that others may enter is refused', async () => {
  const path = await tempDir()
  await chmod(path, 0o755)
  await expect(makePrivateDir(path)).rejects.toThrow(/must be a directory of this user alone/)
})

test('a symbolic link to a directory is refused', async () => {
  const dir = await tempDir()
  await symlink(dir, join(dir, 'link'))
  await expect(makePrivateDir(join(dir, 'link'))).rejects.toThrow(/must be a directory of this user alone/)
})

test('what cannot be made is refused in a sentence', async () => {
  const dir = await tempDir()
  await writeFile(join(dir, 'file'), '')
  await expect(makePrivateDir(join(dir, 'file', 'x'))).rejects.toThrow(/cannot be made: ENOTDIR/)
})
