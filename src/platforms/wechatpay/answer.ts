import { z } from 'zod'
import type { PlatformResponse } from '../platform.ts'
import type { Outcome, PlatformCall, Trace } from './call.ts'
import { meaningOfError } from './error-codes.ts'
import { parseJson } from './json.ts'
import { Distrust, quoted } from './refusal.ts'
import type { HeaderPairs } from './signature-headers.ts'
import type { Verifier } from './verify.ts'
import { verifyMessage } from './verify.ts'

/** Errors are not signed, and their code is logged and shown: the longest one documented has 29 characters. */
const MAX_CODE_CHARS = 64

const errorAnswer = z.object({
  code: z.string().min(1).max(MAX_CODE_CHARS),
  message: z.string().catch(''),
})

/** An answer whose bytes have all arrived. */
export interface Answer {
  readonly response: PlatformResponse
  readonly body: Buffer
}

function readError(body: Buffer): z.output<typeof errorAnswer> | undefined {
  return errorAnswer.safeParse(parseJson(body)).data
}

/** `fetch` joins the values of a name that was sent twice; the signature's headers hold no comma of their own. */
function pairsOf(headers: PlatformResponse['headers']): HeaderPairs {
  return [...headers].flatMap(([name, joined]) => {
    const values = name.startsWith('wechatpay-') ? joined.split(', ') : [joined]
    return values.map((value) => [name, value] as const)
  })
}

function verifierFor({ findKey }: PlatformCall, body: Buffer, ring: Verifier): Verifier {
  return findKey === undefined ? ring : { now: ring.now, findKey: (serial) => findKey(serial, body) }
}

function traceOf(response: PlatformResponse, platformCode: string | undefined): Trace {
  const requestId = response.headers.get('request-id')
  return {
    status: response.status,
    ...(requestId === null ? {} : { requestId: quoted(requestId) }),
    ...(platformCode === undefined ? {} : { platformCode: quoted(platformCode) }),
  }
}

/** The longest wait that is taken from the platform, in seconds; what asks for more is a mistake. */
const MAX_RETRY_AFTER_SECONDS = 300

/** The header `Retry-After` in whole seconds, as milliseconds; undefined when it is absent or makes no sense. */
function retryAfterMs({ headers }: PlatformResponse): number | undefined {
  const text = headers.get('retry-after') ?? ''
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  return seconds >= 1 && seconds <= MAX_RETRY_AFTER_SECONDS ? seconds * 1000 : undefined
}

/**
 * 201 is how the platform says that a number is used, and 202 that it has not finished: both are read as errors, and so
 * need no signature.
 */
function isSuccess({ ok, status }: PlatformResponse): boolean {
  return ok && status !== 201 && status !== 202
}

/** Errors are not signed, so all that one may do is end the call: it never says that something did not happen. */
function judgeError(response: PlatformResponse, body: Buffer): Outcome {
  const { status } = response
  const error = readError(body)
  const trace = traceOf(response, error?.code)
  const { handling, reason } = meaningOfError(status, error?.code)
  switch (handling) {
    case 'end':
      return { kind: 'refused', trace, code: String(status), message: '', ...error, reason }
    case 'pause':
      return { kind: 'limited', trace, code: error?.code, retryAfterMs: retryAfterMs(response) }
    case 'repeat': {
      const code = error === undefined ? '' : ` ${quoted(error.code)}`
      return { kind: 'unknown', trace, reason, sentence: `the answer was HTTP ${status}${code}` }
    }
  }
}

/** Says how far an answer can be believed: a 2XX only with the platform's signature over its bytes. */
export async function judgeAnswer(
  { response, body }: Answer,
  call: PlatformCall,
  ring: Verifier,
): Promise<Outcome> {
  if (!isSuccess(response)) return judgeError(response, body)
  const trace = traceOf(response, undefined)
  try {
    await verifyMessage({ headers: pairsOf(response.headers), body }, verifierFor(call, body, ring))
    return { kind: 'answered', trace, status: response.status, body }
  } catch (error) {
    if (!(error instanceof Distrust)) throw error
    return {
      kind: 'unknown',
      trace,
      reason: 'unknown-outcome',
      sentence: `the answer cannot be believed (${error.message})`,
      cause: error,
    }
  }
}
