import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..')

/** Thousands of watchers of one order, with one token, are no case that the usual bounds have in mind. */
export const UNBOUNDED = { CONNECTIONS_PER_TOKEN: '100000', SUBSCRIPTIONS_PER_TOKEN: '100000' }

/** The built gateway as a process of its own, as `npm start` runs it. */
export interface BenchSandbox {
  readonly pid: number
  readonly gateway: string
  readonly simulator: string
  readonly merchantKey: string
  close(): Promise<void>
}

/** Starts the sandbox on free ports with data of its own, and with the usual bounds where the environment has no others. */
export async function openSandbox(bounds: Readonly<Record<string, string>>): Promise<BenchSandbox> {
  const dataDir = mkdtempSync(join(tmpdir(), 'paybell-bench-'))
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    cwd: ROOT,
    env: { PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error', NODE_ENV: 'production', ...bounds },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const found = new Map<string, string>()
  for await (const line of createInterface({ input: child.stdout })) {
    const [, label, value] = /^ {2}(Gateway|Simulator|Merchant key) +(\S+)/.exec(line) ?? []
    if (label !== undefined && value !== undefined) found.set(label, value)
    if (found.size === 3) break
  }
  child.stdout.resume()
  return {
    pid: child.pid ?? 0,
    gateway: found.get('Gateway') ?? '',
    simulator: found.get('Simulator') ?? '',
    merchantKey: found.get('Merchant key') ?? '',
    async close() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Calls the GraphQL API as the demo merchant. */
export async function call(sandbox: BenchSandbox, query: string, variables: object): Promise<unknown> {
  const response = await fetch(`${sandbox.gateway}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${sandbox.merchantKey}` },
    body: JSON.stringify({ query, variables }),
  })
  return response.json()
}

const CREATE = `mutation ($input: CreateOrderInput!) { createOrder(input: $input) {
  ... on CreateOrderSuccess { accessToken order { id } } ... on Problem { message } } }`

/** An order that can be paid, with the token that watches it. */
export async function createOrder(sandbox: BenchSandbox, outTradeNo: string) {
  const input = {
    outTradeNo,
    description: 'bench',
    amount: { total: 100 },
    payment: { wechatpay: { openid: 'o-bench' } },
  }
  const answer = (await call(sandbox, CREATE, { input })) as {
    readonly data: {
      readonly createOrder: { readonly accessToken: string; readonly order: { readonly id: string } }
    }
  }
  return { outTradeNo, ...answer.data.createOrder }
}

/** Pays at the simulator, which then notifies the gateway. */
export async function pay(sandbox: BenchSandbox, outTradeNo: string): Promise<void> {
  const response = await fetch(`${sandbox.simulator}/sandbox/orders/1900000109/${outTradeNo}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  if (!response.ok) throw new Error(`The simulator answered ${response.status}.`)
}
