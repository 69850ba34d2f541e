// How long after the platform's POST the last of N watchers is told, and what an idle watcher costs in memory.
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import { createOrder, openSandbox, pay, type BenchSandbox } from './sandbox.ts'

const COUNTS = [1, 100, 1000, 5000]
const ROUNDS = 3

function residentKib(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib)
}

/** Opens one watcher; `told` resolves with the time at which it was told that the order is PAID. */
async function openWatcher(
  sandbox: BenchSandbox,
  { accessToken, order }: Awaited<ReturnType<typeof createOrder>>,
) {
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

async function round(sandbox: BenchSandbox, count: number, index: number) {
  const order = await createOrder(sandbox, `BENCH${count}x${index}x${Date.now().toString(36)}`)
  const before = residentKib(sandbox.pid)
  const watchers = []
  while (watchers.length < count) {
    const batch = Math.min(100, count - watchers.length)
    watchers.push(...(await Promise.all(Array.from({ length: batch }, () => openWatcher(sandbox, order)))))
  }
  const kibEach = (residentKib(sandbox.pid) - before) / count
  await pay(sandbox, order.outTradeNo)
  const told = await Promise.all(watchers.map((watcher) => watcher.told))
  const milliseconds = Math.max(...told) - (await postedAt(sandbox, order.outTradeNo))
  for (const watcher of watchers) watcher.close()
  return { milliseconds, kibEach }
}

const sandbox = await openSandbox()
await round(sandbox, 100, 99)
process.stdout.write(
  'watchers of one order | ms from POST to the last one told, median [min–max] | KiB per watcher\n',
)
for (const count of COUNTS) {
  const rounds = []
  for (let index = 0; index < ROUNDS; index += 1) rounds.push(await round(sandbox, count, index))
  const times = rounds.map(({ milliseconds }) => Math.round(milliseconds)).sort((a, b) => a - b)
  // What a round frees the next one uses again, so the largest growth is the cost.
  const kib = Math.max(...rounds.map(({ kibEach }) => kibEach))
  process.stdout.write(
    `${String(count).padStart(21)} | ${times[1]} [${times[0]}–${times.at(-1)}] | ${count >= 1000 ? kib.toFixed(1) : 'too few to tell'}\n`,
  )
}
await sandbox.close()
