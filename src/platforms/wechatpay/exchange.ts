import type { PlatformFetch, PlatformRequest, PlatformResponse } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import type { Answer } from './answer.ts'
import { judgeAnswer } from './answer.ts'
import type { Outcome, PlatformCall } from './call.ts'
import { authorization } from './sign.ts'
import type { Verifier } from './verify.ts'

/** No documented JSON answer comes near this. */
const MAX_BODY_BYTES = 1024 * 1024

const USER_AGENT = `paybell (node ${process.versions.node})`

/** What a try needs. */
export interface ExchangeDeps extends Verifier {
  readonly account: WechatpayAccount
  readonly fetch: PlatformFetch
  readonly randomNonce: () => string
  /** Called with the header `Date` of each answer when its head has arrived, in ms since 1970, and how long that took. */
  readonly onPlatformTime?: (time: { readonly platformMs: number; readonly roundTripMs: number }) => void
  /** The `PUB_KEY_ID_…` that the answer should be signed with. */
  readonly publicKeyId: string | undefined
}

/** Where one try goes, and how long it may take. */
export interface Try {
  readonly baseUrl: string
  readonly signal: AbortSignal
}

function headersFor(call: PlatformCall, url: URL, deps: ExchangeDeps): Record<string, string> {
  const signed = authorization(deps.account, {
    method: call.method,
    path: url.pathname + url.search,
    timestamp: String(Math.floor(deps.now().getTime() / 1000)),
    nonce: deps.randomNonce(),
    body: call.body ?? '',
  })
  return {
    Accept: 'application/json',
    'Content-Type': 'application/json',
    'User-Agent': USER_AGENT,
    Authorization: signed,
    ...(deps.publicKeyId === undefined ? {} : { 'Wechatpay-Serial': deps.publicKeyId }),
  }
}

async function readBody({ body }: PlatformResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new RangeError(`the answer is longer than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What caused an error, and what caused that. */
function* causesOf(error: unknown): Generator<Error> {
  for (let cause = error; cause instanceof Error; { cause } = cause) if (cause !== error) yield cause
}

function codeIn(causes: readonly Error[]): string | undefined {
  const codes = causes.map((cause) => ('code' in cause ? cause.code : undefined))
  return codes.find((code): code is string => typeof code === 'string')
}

function failureOf(error: unknown): string {
  if (error instanceof RangeError) return error.message
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'there was no answer in time'
  if (error instanceof DOMException && error.name === 'AbortError') return 'it was given up here'
  const causes = [...causesOf(error)]
  const refusal = causes.map(({ message }) => /^Proxy response \((\d+)\)/.exec(message)?.[1]).find(Boolean)
  if (refusal !== undefined) return `the proxy refused the connection (HTTP ${refusal})`
  const code = codeIn(causes)
  return code === undefined ? 'the connection failed' : `the connection failed (${code})`
}

async function send(url: URL, init: PlatformRequest, deps: ExchangeDeps): Promise<Answer | Outcome> {
  try {
    const sentAt = performance.now()
    const response = await deps.fetch(url, init)
    const platformMs = Date.parse(response.headers.get('date') ?? '')
    deps.onPlatformTime?.({ platformMs, roundTripMs: performance.now() - sentAt })
    return { response, body: await readBody(response) }
  } catch (error) {
    const sentence = failureOf(error)
    return { kind: 'unknown', trace: {}, reason: 'unknown-outcome', sentence, cause: error }
  }
}

/** Makes one try of a call, freshly signed. Never rejects for what the network or the other side may do. */
export async function exchange(
  call: PlatformCall,
  { baseUrl, signal }: Try,
  deps: ExchangeDeps,
): Promise<Outcome> {
  const url = new URL(baseUrl.replace(/\/$/, '') + call.path)
  const init: PlatformRequest = {
    method: call.method,
    headers: headersFor(call, url, deps),
    // A redirected request would be signed for another path, and could be led astray.
    redirect: 'manual',
    signal,
    ...(call.body === undefined ? {} : { body: call.body }),
  }
  const answer = await send(url, init, deps)
  return 'kind' in answer ? answer : judgeAnswer(answer, call, deps)
}
