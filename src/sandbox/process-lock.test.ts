import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeLock } from './process-lock.ts'

async function socketPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'paybell-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'lock.sock')
}

test('one of many that want the lock at once gets it, and the next when it was given back', async () => {
  const path = await socketPath()
  const locks = await Promise.all(Array.from({ length: 10 }, () => takeLock(path)))
  const had = locks.filter((lock) => lock !== undefined)
  expect(had).toHaveLength(1)
  await had[0]?.release()
  const next = await takeLock(path)
  expect(next).toBeDefined()
  await next?.release()
})

test('the lock of a process that was killed is free', async () => {
  const path = await socketPath()
  const code = `require('net').createServer().listen(process.argv[1], () => console.log('has it'))`
  const holder = spawn(process.execPath, ['--eval', code, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  expect(await takeLock(path)).toBeUndefined()
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const lock = await takeLock(path)
  expect(lock).toBeDefined()
  await lock?.release()
})
