/** Where the gateway answers, and as whom the page asks. */
export interface Endpoint {
  /** Absolute or relative, e.g. `/graphql`. */
  readonly url: string
  /** The whole header value, e.g. `Bearer <order access token>`. */
  readonly authorization: string
  /** After this long the request counts as unanswered. @default 10_000 // 10 seconds */
  readonly timeoutMs?: number
}

/** One GraphQL operation as it travels. */
export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** What the gateway answered. */
export interface Answer {
  /** Unchecked: read it with your own parser. */
  readonly data: unknown
  /** The gateway's clock in milliseconds since 1970, when it said. Phones are often minutes off. */
  readonly servedAtMs: number | null
}

/**
 * A request without a usable answer. `code` is `UNREACHABLE` (no connection, no answer in time, or an answer that is
 * not GraphQL: safe to ask again) or the `extensions.code` of the first GraphQL error, e.g. `UNAUTHENTICATED`.
 */
export class RequestError extends Error {
  // Declared only: initialised fields are more code than the whole class, in the oldest browsers.
  declare readonly code: string

  constructor(code: string, sentence: string) {
    super(sentence)
    this.name = 'RequestError'
    this.code = code
  }
}

/**
 * Sends one query or mutation and resolves with its data.
 * @throws {RequestError} always this class, whatever went wrong
 */
export async function ask(endpoint: Endpoint, operation: Operation): Promise<Answer> {
  const { body, servedAtMs } = await post(endpoint, operation)
  const errors = errorsOf(body)
  const first = errors[0]
  if (first !== undefined) throw new RequestError(first.code, first.message)
  const data = property(body, 'data')
  if (data === undefined) throw new RequestError('UNREACHABLE', 'The answer is not a GraphQL answer.')
  return { data, servedAtMs }
}

/** Reads one property of a value that may be anything; `undefined` when there is none. */
export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Reads one property that should be text; empty when it is missing or something else. */
export function textOf(value: unknown, name: string): string {
  const text = property(value, name)
  return typeof text === 'string' ? text : ''
}

/** The errors of a GraphQL answer, each with the code from its extensions (`UNKNOWN` when it has none). */
export function errorsOf(body: unknown): readonly { readonly code: string; readonly message: string }[] {
  const errors = property(body, 'errors')
  if (!Array.isArray(errors)) return []
  return errors.map((error: unknown) => ({
    code: textOf(property(error, 'extensions'), 'code') || 'UNKNOWN',
    message: textOf(error, 'message'),
  }))
}

/**
 * Whether the errors of an answer say that this token will never see this order: it is unknown or expired, or the order
 * is somebody else's.
 */
export function isRefusal(body: unknown): boolean {
  return errorsOf(body).some(({ code }) => isRefusalCode(code))
}

/** The same for a code. */
export function isRefusalCode(code: string): boolean {
  return ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'].includes(code)
}

interface Received {
  readonly body: unknown
  readonly servedAtMs: number | null
}

/** Aborting does not end a request in the WebKit of iOS 12, so that the time limit is a promise of its own. */
async function post(endpoint: Endpoint, operation: Operation): Promise<Received> {
  const abort = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('silence')), endpoint.timeoutMs ?? 10_000)
  })
  try {
    return await Promise.race([send(endpoint, operation, abort.signal), silence])
  } catch {
    abort.abort()
    throw new RequestError('UNREACHABLE', 'The gateway could not be reached.')
  } finally {
    clearTimeout(timer)
  }
}

async function send(endpoint: Endpoint, operation: Operation, signal: AbortSignal): Promise<Received> {
  const response = await fetch(endpoint.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      authorization: endpoint.authorization,
    },
    body: JSON.stringify(operation),
    signal,
  })
  const body: unknown = await response.json()
  return { body, servedAtMs: timeOf(response.headers.get('date')) }
}

function timeOf(date: string | null): number | null {
  const timeMs = Date.parse(date ?? '')
  return Number.isNaN(timeMs) ? null : timeMs
}
