import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startProcess, type GatewayProcess } from '../support/process.ts'

const COMMANDS = {
  'npm start': ['npm', 'start'],
  'node scripts/run.mjs start': [process.execPath, 'scripts/run.mjs', 'start'],
} as const

interface Running extends GatewayProcess {
  readonly url: string
  /** What a terminal does at Ctrl-C. */
  pressCtrlC(): void
}

/** Starts the real command as a terminal would: first of a process group of its own. */
async function start(command: keyof typeof COMMANDS): Promise<Running> {
  const dataDir = await mkdtemp(join(tmpdir(), 'paybell-stopping-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  // The sandbox has the next two as well.
  const port = String(await freePort(3))
  // oxlint-disable-next-line node/no-process-env -- npm has to be found
  const env = { PATH: process.env['PATH'] ?? '', PORT: port, DATA_DIR: dataDir, LOG_LEVEL: 'warn' }
  const gateway = startProcess(env, { command: COMMANDS[command], isGroup: true })
  const [, url = ''] = await gateway.find(/^ {2}Gateway\s+(\S+)/)
  await gateway.find(/^Ctrl-C stops everything/)
  return { ...gateway, url, pressCtrlC: () => process.kill(-gateway.pid, 'SIGINT') }
}

/** A request that never arrives completely, which a graceful end gives some seconds. */
async function beginRequest(url: string): Promise<void> {
  const begun = request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 1000 },
  })
  begun.on('error', () => undefined)
  onTestFinished(() => void begun.destroy())
  await new Promise<unknown>((resolve) => begun.write('{', resolve))
}

/** npm ends with its shell, which many shells do by the signal and before the gateway. */
const AFTER = {
  'npm start': { SIGINT: [0, 130, 'SIGINT'], SIGTERM: [0, 143, 'SIGTERM'] },
  'node scripts/run.mjs start': { SIGINT: [0], SIGTERM: [0] },
} as const

test.each(['npm start', 'node scripts/run.mjs start'] as const)(
  'one Ctrl-C under `%s` reaches the gateway several times and ends it gracefully',
  async (command) => {
    const { pressCtrlC, find, ended } = await start(command)
    pressCtrlC()
    expect((await find(/^Stopped/)).input).toBe('Stopped.')
    expect(AFTER[command].SIGINT).toContain(await ended)
  },
)

test.each(['npm start', 'node scripts/run.mjs start'] as const)(
  'SIGTERM for the process of `%s` alone ends everything gracefully',
  async (command) => {
    const { pid, find, ended } = await start(command)
    process.kill(pid, 'SIGTERM')
    expect((await find(/^Stopped/)).input).toBe('Stopped.')
    expect(AFTER[command].SIGTERM).toContain(await ended)
  },
)

test('who keeps pressing Ctrl-C has it stopped at once', async () => {
  const { url, pressCtrlC, ended, lines } = await start('node scripts/run.mjs start')
  await beginRequest(url)
  const pressing = setInterval(pressCtrlC, 200)
  onTestFinished(() => clearInterval(pressing))
  void ended.then(() => clearInterval(pressing))
  expect(await ended).toBe(1)
  expect(lines).toContain('Stopped at once.')
})
