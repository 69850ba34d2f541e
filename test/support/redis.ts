import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createClient } from 'redis'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'

const SERVER = '/usr/bin/redis-server'

/** Whether there is a Redis server on this machine. */
export const hasRedis = existsSync(SERVER)

/** A real Redis server that can be killed and started again at the same address. */
export interface RedisProcess {
  readonly url: string
  kill(): Promise<void>
  restart(): Promise<void>
}

/** Starts a Redis server that keeps nothing; whoever starts it kills it. */
export async function startRedis(): Promise<RedisProcess> {
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
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill()
      server = await start()
    },
  }
}

/** A Redis server as above, and a look into it. Killed after the test. */
export async function openRedis() {
  const redis = await startRedis()
  onTestFinished(redis.kill)
  return {
    ...redis,
    /** How many processes hear a channel. */
    async subscribers(channel: string): Promise<number> {
      const client = await createClient({ url: redis.url }).connect()
      const heard = await client.pubSubNumSub(channel)
      client.destroy()
      return heard[channel] ?? 0
    },
  }
}
