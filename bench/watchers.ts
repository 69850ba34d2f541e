// How long after the platform's POST the last of N watchers is told, and what an idle watcher costs in memory.
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import { createOrder, openSandbox, pay, UNBOUNDED, type BenchSandbox } from './sandbox.ts'

const COUNTS = [1, 100, 1000, 5000]
/** Fewer are too few to tell. */
const MEMORY_COUNTS = [1000, 5000]
const ROUNDS = 3

type WatchedOrder = Awaited<ReturnType<typeof createOrder>>

let orders = 0

function residentKib(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib)
}

/** Opens one watcher; `told` resolves with the time at which it was told that the order is PAID. */
async function openWatcher(sandbox: BenchSandbox, { accessToken, order }: WatchedOrder) {
  const socket = new WebSocket(`${sandbox.gateway.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const query = `subscription { orderUpdated(id: "${order.id}") { status } }`
  const watching = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      if (data.toString().includes('PENDING')) resolve()
    })
  })
  const told = new Promise<number>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text.includes('connection_ack')) {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
      }
      if (text.includes('PAID')) resolve(performance.timeOrigin + performance.now())
    })
  })
  socket.on('open', () => {
    const payload = { authorization: `Bearer ${accessToken}` }
    socket.send(JSON.stringify({ type: 'connection_init', payload }))
  })
  await watching
  return { told, close: () => socket.terminate() }
}

async function postedAt(sandbox: BenchSandbox, outTradeNo: string): Promise<number> {
  for (;;) {
    const at = await firstAttempt(sandbox, outTradeNo)
    if (at !== undefined) return Date.parse(at)
  }
}

async function firstAttempt(sandbox: BenchSandbox, outTradeNo: string): Promise<string | undefined> {
  const state = (await (await fetch(`${sandbox.simulator}/sandbox/state`)).json()) as {
    readonly notifications: readonly {
      readonly outTradeNo: string
      readonly attempts: readonly { readonly at: string }[]
    }[]
  }
  const [attempt] = state.notifications.find((sent) => sent.outTradeNo === outTradeNo)?.attempts ?? []
  return attempt?.at
}

async function openWatchers(sandbox: BenchSandbox, order: WatchedOrder, count: number) {
  const watchers = []
  while (watchers.length < count) {
    const batch = Math.min(100, count - watchers.length)
    watchers.push(...(await Promise.all(Array.from({ length: batch }, () => openWatcher(sandbox, order)))))
  }
  return watchers
}

function newOrder(sandbox: BenchSandbox): Promise<WatchedOrder> {
  orders += 1
  return createOrder(sandbox, `BENCH${orders}x${Date.now().toString(36)}`)
}

/** Milliseconds from the platform's POST to the last of so many watchers. */
async function delay(sandbox: BenchSandbox, count: number): Promise<number> {
  const order = await newOrder(sandbox)
  const watchers = await openWatchers(sandbox, order, count)
  await pay(sandbox, order.outTradeNo)
  const told = await Promise.all(watchers.map((watcher) => watcher.told))
  const milliseconds = Math.max(...told) - (await postedAt(sandbox, order.outTradeNo))
  for (const watcher of watchers) watcher.close()
  return milliseconds
}

/** KiB that an idle watcher costs in a gateway of its own: one that had watchers before uses their memory again. */
async function memory(count: number): Promise<number> {
  const sandbox = await openSandbox(UNBOUNDED)
  await delay(sandbox, 100)
  const order = await newOrder(sandbox)
  const before = residentKib(sandbox.pid)
  const watchers = await openWatchers(sandbox, order, count)
  const kibEach = (residentKib(sandbox.pid) - before) / count
  for (const watcher of watchers) watcher.close()
  await sandbox.close()
  return kibEach
}

async function rounds(measure: () => Promise<number>, digits: number): Promise<string> {
  const values: number[] = []
  while (values.length < ROUNDS) values.push(await measure())
  const [min, median, max] = values.sort((a, b) => a - b).map((value) => value.toFixed(digits))
  return `${median} [${min}–${max}]`
}

function print(count: number, figures: string): void {
  process.stdout.write(`${String(count).padStart(8)} | ${figures}\n`)
}

const sandbox = await openSandbox(UNBOUNDED)
await delay(sandbox, 100)
process.stdout.write('watchers of one order | ms from POST to the last one told, median [min–max]\n')
for (const count of COUNTS) print(count, await rounds(() => delay(sandbox, count), 0))
await sandbox.close()

process.stdout.write('idle watchers | KiB of resident memory for each, median [min–max]\n')
for (const count of MEMORY_COUNTS) print(count, await rounds(() => memory(count), 1))
