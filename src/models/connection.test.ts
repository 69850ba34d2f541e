import { setTimeout as pause } from 'node:timers/promises'
import mongoose from 'mongoose'
import { describe, inject, test, vi, type TestContext } from 'vitest'
import { keepConnection } from './connection.ts'

/** What is looked at of the driver's inside: the one who looks whether the server is alive. */
interface Monitor {
  readonly connection: { readonly socket: { destroy(): void } } | null
  requestCheck(): void
}

interface Topology {
  readonly s: { readonly servers: ReadonlyMap<string, { readonly monitor: Monitor }> }
}

/** The driver looks at most every half second. */
const BETWEEN_LOOKS_MS = 600

async function connected({ onTestFinished }: TestContext) {
  const { connection, close } = await keepConnection(inject('mongodbUri'))
  onTestFinished(close)
  return { connection, close, ping: () => connection.db?.admin().ping() }
}

type Connected = Awaited<ReturnType<typeof connected>>

function monitorOf({ connection }: Connected): Monitor | undefined {
  const topology: Topology = Reflect.get(connection.getClient(), 'topology')
  return [...topology.s.servers.values()].map(({ monitor }) => monitor)[0]
}

/** Lets the driver ask over a connection that is just being closed, as happens when a server is killed. */
async function blind(opened: Connected): Promise<void> {
  await vi.waitUntil(() => monitorOf(opened)?.connection, { interval: 10, timeout: 20_000 })
  await pause(BETWEEN_LOOKS_MS)
  monitorOf(opened)?.connection?.socket.destroy()
  monitorOf(opened)?.requestCheck()
}

async function reopened({ connection }: Connected, before: unknown): Promise<void> {
  await vi.waitUntil(() => connection.getClient() !== before, { interval: 20, timeout: 10_000 })
}

describe.concurrent('a connection', () => {
  test('is opened again when the driver has lost sight of the server for good', async (context) => {
    const opened = await connected(context)
    const before = opened.connection.getClient()
    const things = opened.connection.model('Thing', new mongoose.Schema({ name: String }))
    await blind(opened)
    await reopened(opened, before)
    await vi.waitFor(opened.ping, { interval: 20, timeout: 5000 })
    const { id } = await things.create({ name: 'tea' })
    context.expect(await things.findById(id)).toMatchObject({ name: 'tea' })
  })

  test('is opened again as often as that happens', async (context) => {
    const opened = await connected(context)
    for (let time = 0; time < 2; time += 1) {
      const before = opened.connection.getClient()
      await blind(opened)
      await reopened(opened, before)
      await vi.waitFor(opened.ping, { interval: 20, timeout: 5000 })
    }
  })

  test('is left as it is while all is well', async (context) => {
    const { connection, ping } = await connected(context)
    const before = connection.getClient()
    let looks = 0
    before.on('serverHeartbeatSucceeded', () => (looks += 1))
    await vi.waitUntil(() => looks === 4, { interval: 20, timeout: 15_000 })
    await ping()
    context.expect(connection.getClient()).toBe(before)
  })

  test('can be closed while the driver is blind', async (context) => {
    const opened = await connected(context)
    const before = opened.connection.getClient()
    await blind(opened)
    await opened.close()
    context.expect(opened.connection.readyState).toBe(mongoose.STATES.disconnected)
    context.expect(opened.connection.getClient()).toBe(before)
  })
})
