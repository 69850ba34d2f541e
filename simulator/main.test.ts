import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'

const entry = fileURLToPath(new URL('main.ts', import.meta.url))
const listeningSchema = z.object({
  kind: z.literal('listening'),
  url: z.string(),
  platformKey: z.object({ id: z.string(), publicKeyPem: z.string() }),
})

type Started = { readonly child: ChildProcess; readonly output: () => string; readonly folder: string }

async function start(env: Readonly<Record<string, string>>): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
  const child = fork(entry, [], {
    execArgv: ['--import', 'tsx'],
    env: { SIMULATOR_PORT: '0', SIMULATOR_DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  return { child, output: () => output, folder }
}

async function listening(child: ChildProcess): Promise<z.infer<typeof listeningSchema>> {
  const [message] = (await once(child, 'message')) as [unknown]
  return listeningSchema.parse(message)
}

/** The exit code, once all output is in too; 'close' would say both, but does not come after a disconnect. */
async function exitCode(child: ChildProcess): Promise<unknown> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  const ends = streams.map((stream) => once(stream, 'end'))
  const [exit] = await Promise.all([once(child, 'exit') as Promise<unknown[]>, ...ends])
  return exit[0]
}

it('tells its parent where it listens, writes the demo merchant, and leaves when the parent does', async () => {
  const { child, output, folder } = await start({})
  const { url, platformKey } = await listening(child)
  expect((await fetch(`${url}/sandbox/state`)).status).toBe(200)
  expect(await readFile(join(folder, 'merchant', 'pub_key.pem'), 'utf8')).toBe(platformKey.publicKeyPem)
  for (const name of ['apiclient_key.pem', 'apiv3_key.txt', 'pub_key.pem']) {
    expect((await stat(join(folder, 'merchant', name))).mode & 0o777).toBe(0o600)
  }
  const closed = exitCode(child)
  child.disconnect()
  expect(await closed).toBe(0)
  expect(output()).toContain(join(folder, 'merchant', 'apiclient_key.pem'))
  expect(output()).not.toContain(await readFile(join(folder, 'merchant', 'apiv3_key.txt'), 'utf8'))
})

it.each(['SIGTERM', 'SIGINT'] as const)('stops cleanly on %s', async (signal) => {
  const { child } = await start({})
  await listening(child)
  const closed = exitCode(child)
  child.kill(signal)
  expect(await closed).toBe(0)
})

it('says in one sentence that its port is taken', async () => {
  const first = await start({})
  const { url } = await listening(first.child)
  const { port } = new URL(url)
  const second = await start({ SIMULATOR_PORT: port })
  expect(await exitCode(second.child)).toBe(1)
  expect(second.output().trim()).toBe(
    `The simulator cannot start: port ${port} of 127.0.0.1 is in use. Stop what listens there, or set SIMULATOR_PORT.`,
  )
})

it('says what is wrong with its settings', async () => {
  const { child, output } = await start({ SIMULATOR_SIGN_WITH: 'rsa' })
  expect(await exitCode(child)).toBe(1)
  expect(output()).toContain('SIMULATOR_SIGN_WITH: expected public-key or certificate')
})

it('logs nothing of a call whose length is miscounted', async () => {
  const { child, output } = await start({})
  const { url } = await listening(child)
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const call = ['POST /v3/pay/transactions/jsapi HTTP/1.1', 'host: simulator', 'authorization: SECRET']
  socket.write(`${[...call, 'content-length: 1'].join('\r\n')}\r\n\r\n{"payer":{"openid":"SECRET"}}`)
  await once(socket.resume(), 'close')
  // Its line is written after the line that the miscounted call would have.
  await fetch(`${url}/v3/certificates`)
  await expect.poll(output).toContain('/v3/certificates')
  // As text, and as JSON writes a buffer.
  for (const written of ['SECRET', [...Buffer.from('SECRET')].join()]) expect(output()).not.toContain(written)
})
