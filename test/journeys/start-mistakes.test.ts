import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProcess } from '../support/process.ts'

/** Everything that a start with this environment says, and the code it ends with. */
async function failedStart(env: Readonly<Record<string, string>>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'paybell-start-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  const { lines, ended } = startProcess({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...env })
  return { code: await ended, lines }
}

test.each([
  [{ HOST: '203.0.113.1' }, /^HOST: 203\.0\.113\.1 is no address of this machine; expected /],
  [{ HOST: 'nowhere.invalid' }, /^HOST: nowhere\.invalid is a name that leads nowhere \(\w+\); expected /],
  [{ MONGODB_URI: 'mongodb+srv://u:PASSWORD@nowhere.invalid/x' }, /^MONGODB_URI: names a host without /],
  [{ MONGODB_URI: 'mongodb://u:PASSWORD@127.0.0.1:1' }, /^MONGODB_URI: the database cannot be used \(/],
  [{ MONGODB_URI: 'mongodb://u:PASSWORD@127.0.0.1:bad' }, /^MONGODB_URI: the database cannot be used \(/],
])('%o ends the start with one line that names the variable and shows no password', async (env, sentence) => {
  const { code, lines } = await failedStart(env)
  expect(code).toBe(1)
  expect(lines).toEqual([expect.stringMatching(sentence)])
  expect(lines.join('\n')).not.toContain('PASSWORD')
})

/** Throws an error with a secret property as soon as the process has a handler for it. */
const LATER = `
  const startedAt = performance.now()
  const timer = setInterval(() => {
    const isCaught = process.listenerCount('uncaughtException') > 0
    if (!isCaught && performance.now() - startedAt < 20_000) return
    clearInterval(timer)
    throw Object.assign(new Error('It broke.'), { rawPacket: ['SEC', 'RET'].join('') })
  }, 10)
  timer.unref()`

test('an uncaught error ends the process with code 1 and its properties are not printed', async () => {
  const later = `data:text/javascript,${encodeURIComponent(LATER)}`
  const command = [process.execPath, '--import', 'tsx', '--import', later, 'src/main.ts'] as const
  const dataDir = await mkdtemp(join(tmpdir(), 'paybell-start-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  const { lines, ended } = startProcess({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' }, { command })
  expect(await ended).toBe(1)
  expect(lines.join('\n')).toContain('It broke.')
  expect(lines.join('\n')).not.toContain('SECRET')
})
