import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { createClient } from 'redis'
import { onTestFinished } from 'vitest'

const SERVER = '/usr/bin/redis-server'

/** Whether there is a Redis server on this machine. */
export const hasRedis = existsSync(SERVER)

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  return port
}

/** A real Redis server that can be killed and started again at the same address. Stopped after the test. */
export async function openRedis() {
  const port = await freePort()
  async function start() {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    const server = spawn(SERVER, options, { stdio: ['ignore', 'pipe', 'ignore'] })
    for await (const line of createInterface({ input: server.stdout })) {
      if (line.includes('Ready to accept connections')) break
    }
    return server
  }
  let server = await start()
  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  onTestFinished(kill)
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    /** How many processes hear a channel. */
    async subscribers(channel: string): Promise<number> {
      const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect()
      const heard = await client.pubSubNumSub(channel)
      client.destroy()
      return heard[channel] ?? 0
    },
    async restart() {
      await kill()
      server = await start()
    },
  }
}
