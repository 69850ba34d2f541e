import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A payment that the platform took. */
export interface TakenPayment {
  readonly transactionId: string
  readonly notificationId: string
}

/** One attempt of the platform to tell the gateway of a payment, as the platform logs it. */
export interface Delivery {
  readonly notification: string
  readonly outTradeNo: string
  /** When it was over, in milliseconds since 1970, and how many milliseconds it took. */
  readonly time: number
  readonly milliseconds: number
  /** How the notification stands after it: PENDING, DELIVERED, GAVE_UP or LOST. */
  readonly state: string
  /** The HTTP status; absent when there was no answer, and then `error` says why. */
  readonly status?: number
  readonly error?: string
}

interface PlatformState {
  readonly orders: readonly {
    readonly outTradeNo: string
    readonly state: string
    readonly transactionId?: string
  }[]
  readonly notifications: readonly {
    readonly id: string
    readonly outTradeNo: string
    readonly state: string
  }[]
}

interface Listening {
  readonly kind: 'listening'
  readonly url: string
  readonly platformKey: { readonly id: string; readonly publicKeyPem: string }
}

/** The simulated platform as a process of its own, which keeps what it promised over `kill -9`. */
export interface PlatformChild {
  readonly url: string
  readonly platformKey: Listening['platformKey']
  /** Every attempt to deliver a notification so far, whatever became of it. */
  readonly deliveries: readonly Delivery[]
  /** Pays as a payer would; undefined when it is not known whether the platform took it. */
  pay(outTradeNo: string, terms?: { readonly evenIfClosed: boolean }): Promise<TakenPayment | undefined>
  /** Sends a notification once more, now. */
  redeliver(notificationId: string): Promise<void>
  /** Its own state of each of these numbers, which must be among the newest; undefined where it does not know one. */
  statesOf(outTradeNos: readonly string[]): Promise<readonly (string | undefined)[]>
  /** What it took for this number, whoever heard of it. */
  findPayment(outTradeNo: string): Promise<TakenPayment | undefined>
  /** Whether the notification was answered with a 2XX. */
  isDelivered(notificationId: string): Promise<boolean>
  /** Asks for a fault of its deliveries. */
  disturb(fault: object): Promise<void>
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts it again in the same place, with what it kept. */
  restart(): Promise<void>
}

const ENTRY = ['--import', 'tsx', 'simulator/main.ts']

async function start(
  cwd: string,
  { env, note }: { readonly env: Readonly<Record<string, string>>; readonly note: (line: string) => void },
): Promise<readonly [ChildProcess, Listening]> {
  const child = spawn(process.execPath, ENTRY, { cwd, env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', note)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The simulator ended by itself (exit code ${String(code)}).`)
  })
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [Listening]
  ended.catch(() => undefined)
  return [child, message]
}

/** Starts the platform; `env` must give it a fixed port and a folder. */
export async function startPlatform(
  cwd: string,
  env: Readonly<Record<string, string>>,
  mchId: string,
): Promise<PlatformChild> {
  const deliveries: Delivery[] = []
  const note = (line: string): void => {
    if (line.includes('"msg":"notification attempt"')) deliveries.push(JSON.parse(line) as Delivery)
  }
  let [child, { url, platformKey }] = await start(cwd, { env, note })

  async function call(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${url}/sandbox${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const answer: unknown = await response.json()
    return response.ok ? answer : undefined
  }
  async function state(): Promise<PlatformState> {
    return (await call('/state')) as PlatformState
  }
  async function findPayment(outTradeNo: string): Promise<TakenPayment | undefined> {
    const { orders, notifications } = await state()
    const transactionId = orders.find((order) => order.outTradeNo === outTradeNo)?.transactionId
    const notificationId = notifications.find((notification) => notification.outTradeNo === outTradeNo)?.id
    if (transactionId === undefined || notificationId === undefined) return undefined
    return { transactionId, notificationId }
  }

  return {
    url,
    platformKey,
    deliveries,
    findPayment,
    async pay(outTradeNo, terms = { evenIfClosed: false }) {
      const paid = await call(`/orders/${mchId}/${outTradeNo}/pay`, terms)
      // Refused because it was paid before: the answer to that was lost.
      return paid === undefined ? findPayment(outTradeNo) : (paid as TakenPayment)
    },
    async statesOf(outTradeNos) {
      const { orders } = await state()
      return outTradeNos.map((no) => orders.find(({ outTradeNo }) => outTradeNo === no)?.state)
    },
    async redeliver(notificationId) {
      await call(`/notifications/${notificationId}/redeliver`, {})
    },
    async isDelivered(notificationId) {
      const { notifications } = await state()
      return notifications.some(({ id, state }) => id === notificationId && state === 'DELIVERED')
    },
    async disturb(fault) {
      if ((await call('/faults', fault)) === undefined) throw new Error('The simulator knows no such fault.')
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
    async restart() {
      ;[child] = await start(cwd, { env, note })
    },
  }
}
