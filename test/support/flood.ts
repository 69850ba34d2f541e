import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { TestGateway } from './gateway.ts'
import type { Notice } from './notification.ts'

/** Posts of a stranger, as many as can be sent over a few connections until it is stopped. */
export interface Flood {
  /** How often each status was answered so far. */
  readonly statuses: ReadonlyMap<number, number>
  /** How many were answered so far. */
  answered(): number
  /** Ends it; resolves when the last one was answered. */
  stop(): Promise<void>
}

/** The same notice, as a proxy passes it on for this address. */
export function from(address: string, notice: Notice): Notice {
  return { ...notice, headers: [...notice.headers, ['X-Forwarded-For', address]] }
}

/** What a stranger who knows the documents can make: everything but a signature. Half of them name unknown keys. */
export function noiseNotice(
  { parts, merchant }: Pick<TestGateway, 'parts' | 'merchant'>,
  index: number,
  bodyBytes: number,
): Notice {
  const headers = [
    ['Wechatpay-Timestamp', String(Math.floor(parts.now().getTime() / 1000))],
    ['Wechatpay-Nonce', randomBytes(16).toString('hex')],
    ['Wechatpay-Serial', index % 2 === 0 ? `PUB_KEY_ID_${index}` : merchant.platformKey.id],
    ['Wechatpay-Signature', randomBytes(256).toString('base64')],
  ] as const
  return { headers, body: randomBytes(bodyBytes / 2).toString('hex') }
}

function send(url: string, { headers, body }: Notice, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    for (const [name, value] of headers) sent.appendHeader(name, value)
    sent.end(body)
  })
}

/** Starts to post what `noticeOf` makes of 0, 1, 2 …; it is ended with the test at the latest. */
export function startFlood(
  gateway: Pick<TestGateway, 'url'>,
  noticeOf: (index: number) => Notice,
  connections = 8,
): Flood {
  const url = `${gateway.url}/notify/wechatpay/v3/acme`
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const statuses = new Map<number, number>()
  let next = 0
  const ending = new AbortController()
  async function work(): Promise<void> {
    while (!ending.signal.aborted) {
      const status = await send(url, noticeOf(next++), agent)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const working = Promise.all(Array.from({ length: connections }, work))
  async function stop(): Promise<void> {
    ending.abort()
    await working
    agent.destroy()
  }
  onTestFinished(stop)
  return { statuses, stop, answered: () => [...statuses.values()].reduce((sum, count) => sum + count, 0) }
}
