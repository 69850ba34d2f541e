// What strangers and callers with a token or a key can do to notifications: floods over HTTP and WebSocket, and how long
// the acknowledgements of payments take meanwhile. The sender of the notifications waits five seconds, as the platform
// does. On loopback only.
import { BYTE_FLOODS } from './byte-floods.ts'
import { startFlood, type Flood } from './flood.ts'
import { createOrder, openSandbox, pay, type BenchSandbox } from './sandbox.ts'

const NOTIFICATIONS = 20
const PAUSE_MS = 200
const DEADLINE_MS = 5000

const repeated = (field: string, times: number): string => `{ ${`${field} `.repeat(times)}}`
const aliased = (field: string, times: number): string =>
  `{ ${Array.from({ length: times }, (_, index) => `a${index}: ${field}`).join(' ')} }`

const TOO_LONG = repeated('order{id}', 1245)
const INTROSPECTION =
  '{ __schema { types { kind name description fields { name description args { name description type { name } } type { name ofType { name ofType { name } } } } inputFields { name type { name } } enumValues { name description } } } }'

interface Scene {
  readonly name: string
  readonly flood: (place: { readonly url: string; readonly token: string; readonly key: string }) => Flood
}

const http = { transport: 'http', path: '/graphql', clients: 32 } as const
const sockets = { transport: 'websocket', isEndless: false } as const

const SCENES: readonly Scene[] = [
  { name: 'nothing', flood: ({ url }) => ({ ...http, clients: 0, url, query: '' }) },
  { name: 'anonymous, HTTP, 1245 fields', flood: ({ url }) => ({ ...http, url, query: TOO_LONG }) },
  {
    name: 'anonymous, HTTP, 1245 fields, each different',
    flood: ({ url }) => ({ ...http, url, query: `query A$N ${TOO_LONG}` }),
  },
  {
    name: 'anonymous, SSE, 1245 fields',
    flood: ({ url }) => ({ ...http, path: '/graphql/stream', url, query: TOO_LONG }),
  },
  {
    name: 'guessed keys, HTTP',
    flood: ({ url }) => ({ ...http, url, query: '{ order { id } }', authorization: 'Bearer guess$N' }),
  },
  {
    name: 'order token, HTTP, 700 aliases',
    flood: ({ url, token }) => ({ ...http, url, query: aliased('order{id}', 700), authorization: token }),
  },
  {
    name: 'order token, HTTP, 10 aliases',
    flood: ({ url, token }) => ({ ...http, url, query: aliased('order{id}', 10), authorization: token }),
  },
  {
    name: 'merchant key, HTTP, 300 counts',
    flood: ({ url, key }) => ({
      ...http,
      url,
      query: aliased('orders{totalCount}', 300),
      authorization: key,
    }),
  },
  {
    name: 'merchant key, HTTP, 10 counts',
    flood: ({ url, key }) => ({ ...http, url, query: aliased('orders{totalCount}', 10), authorization: key }),
  },
  {
    name: 'anonymous, 1000 sockets with 20 introspections',
    flood: ({ url }) => ({ ...sockets, sockets: 1000, operations: 20, url, query: INTROSPECTION }),
  },
  {
    name: 'anonymous, 20 sockets with 20 times 1245 fields',
    flood: ({ url }) => ({ ...sockets, sockets: 20, operations: 20, url, query: TOO_LONG }),
  },
  {
    name: 'merchant key, 50 sockets with 20 lists',
    flood: ({ url, key }) => ({
      ...sockets,
      sockets: 50,
      operations: 20,
      url,
      query: '{ orders(first: 100) { totalCount nodes { id status events { seq type } } } }',
      authorization: key,
    }),
  },
  ...Object.entries(BYTE_FLOODS).map(([name, bytes]) => ({
    name: `anonymous, ${name}`,
    flood: ({ url }: { readonly url: string }): Flood => ({ transport: 'bytes', url, ...bytes }),
  })),
]

interface Attempt {
  readonly at: string
  readonly status?: number
  readonly milliseconds: number
}

async function firstAttempt(sandbox: BenchSandbox, outTradeNo: string): Promise<Attempt> {
  for (;;) {
    const state = (await (await fetch(`${sandbox.simulator}/sandbox/state`)).json()) as {
      readonly notifications: readonly {
        readonly outTradeNo: string
        readonly attempts: readonly Attempt[]
      }[]
    }
    const found = state.notifications.find((sent) => sent.outTradeNo === outTradeNo)?.attempts[0]
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS / 4))
  }
}

/** The first attempts to deliver so many notifications, one after the other while the flood runs. */
async function payAll(sandbox: BenchSandbox, numbers: readonly string[]): Promise<readonly Attempt[]> {
  const attempts = numbers.map(async (number, index) => {
    await new Promise((resolve) => setTimeout(resolve, index * PAUSE_MS))
    await pay(sandbox, number)
    return firstAttempt(sandbox, number)
  })
  return Promise.all(attempts)
}

function figures(attempts: readonly Attempt[]): string {
  const times = attempts.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const late = attempts.filter(({ status, milliseconds }) => status !== 204 || milliseconds > DEADLINE_MS)
  const median = times[Math.floor(times.length / 2)] ?? 0
  return `${String(late.length).padStart(2)} of ${times.length} late, median ${median} ms, worst ${times.at(-1)} ms`
}

/** Each flood meets a gateway of its own: what one has used up or filled does not change the next. */
async function play({ name, flood }: Scene): Promise<void> {
  const sandbox = await openSandbox({})
  const prefix = `FLOOD${Date.now().toString(36)}x`
  const numbers = Array.from({ length: NOTIFICATIONS }, (_, index) => `${prefix}${index}`)
  for (const number of numbers) await createOrder(sandbox, number)
  const { accessToken } = await createOrder(sandbox, `${prefix}watched`)
  const { gateway: url, merchantKey } = sandbox
  const running = await startFlood(
    flood({ url, token: `Bearer ${accessToken}`, key: `Bearer ${merchantKey}` }),
  )
  const attempts = await payAll(sandbox, numbers)
  const counts = await running.stop()
  const answered = Object.entries(counts).map(([what, count]) => `${count} × ${what}`)
  process.stdout.write(`${name}: ${figures(attempts)}; the flood got ${answered.join(', ') || 'nothing'}\n`)
  await sandbox.close()
}

const [only] = process.argv.slice(2)
for (const scene of SCENES) if (only === undefined || scene.name.includes(only)) await play(scene)
