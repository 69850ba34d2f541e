import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { boundLog, openLog } from './log-file.ts'

async function logPath(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'paybell-log-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return join(dir, 'mongodb.log')
}

test('a small log is continued, for this user alone', async () => {
  const path = await logPath()
  for (const line of ['one\n', 'two\n']) {
    await using log = await openLog(path)
    await log.write(line)
  }
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('a log that has grown too large starts again, also under a writer that has it open', async () => {
  const path = await logPath()
  await writeFile(path, 'x'.repeat(1024 * 1024 + 1))
  await using log = await openLog(path)
  await log.write('new\n')
  expect(await readFile(path, 'utf8')).toBe('new\n')
  await log.write('x'.repeat(1024 * 1024))
  await boundLog(path)
  await log.write('newer\n')
  expect(await readFile(path, 'utf8')).toBe('newer\n')
})
