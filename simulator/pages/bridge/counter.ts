import { texts } from './texts.ts'

/** What the payer is asked to pay. */
export type Bill = {
  readonly token: string
  readonly merchantName: string
  readonly description: string
  /** Fen. */
  readonly total: number
}

/** The platform said no; the message is for the payer. */
export class Refusal extends Error {}

type Answer = Partial<Bill> & { readonly code?: string; readonly message?: string }

/** The platform speaks Chinese; other readers get a translation where there is one. */
const explain = ({ code = '', message }: Answer, status: number): string =>
  texts().refusals[code] ?? message ?? `HTTP ${status}`

const timeoutMs = 15_000

async function call(url: string, body: unknown): Promise<Answer> {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), timeoutMs)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      signal: giveUp.signal,
    })
    const answer = (await response.json()) as Answer
    if (!response.ok) throw new Refusal(explain(answer, response.status))
    return answer
  } finally {
    clearTimeout(timer)
  }
}

/** Shows the six JSAPI parameters to the platform. @throws {Refusal} when it does not accept them */
export async function openBill(origin: string, parameters: unknown): Promise<Bill> {
  const {
    token = '',
    merchantName = '',
    description = '',
    total = 0,
  } = await call(`${origin}/client/cashier`, parameters ?? {})
  return { token, merchantName, description, total }
}

/** Pays. @throws {Refusal} when the order can no longer be paid */
export async function payBill(origin: string, token: string): Promise<void> {
  await call(`${origin}/client/pay`, { token })
}
