/** What is logged of an error: enough to find its cause, and none of its other properties. */
export interface LoggedError {
  /** Name of the class, e.g. `MongoServerError`. */
  readonly type: string
  readonly code?: string | number
  readonly message: string
  /** The call frames, one a line, without the message. */
  readonly stack?: string
  readonly cause?: LoggedError
  /** The first errors of an `AggregateError`. */
  readonly errors?: readonly LoggedError[]
}

const MAX_TEXT_CHARACTERS = 1000
const MAX_FRAMES = 20
/** An error with its causes and parts, in all: also bounds a cause that is its own cause. */
const MAX_ERRORS = 8

/**
 * Texts that are secrets: access tokens (JWT), credentials of a header or an address, tokens in an
 * address; the values that MongoDB names of a key; and what V8 quotes of a text that is not JSON, which may be a whole
 * body.
 */
const SECRETS: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '<token>'],
  [/\bBearer\s+\S+/gi, 'Bearer <secret>'],
  [/\/\/[^\s/@]*@/g, '//<secret>@'],
  [/(\/pay\/|[?&]token=)[^\s/?&#"']+/gi, '$1<token>'],
  [/\bdup key: \{[\s\S]*\}/g, 'dup key'],
  [/, (?:\.\.\.)?"[\s\S]*"(?:\.\.\.)? is not valid JSON/g, ' in a text that is not valid JSON'],
]

function safeText(text: string): string {
  // Cut first: the patterns must not run over unbounded text.
  const bounded = text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text
  return SECRETS.reduce((safe, [pattern, shown]) => safe.replaceAll(pattern, shown), bounded)
}

/** V8 writes the message before the frames, so the text cannot be used as it is. */
function framesOf({ stack = '' }: Error): string | undefined {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line))
  return frames.length === 0 ? undefined : safeText(frames.slice(0, MAX_FRAMES).join('\n'))
}

function codeOf(error: Error): string | number | undefined {
  const code: unknown = Reflect.get(error, 'code')
  if (typeof code === 'string') return safeText(code)
  return typeof code === 'number' ? code : undefined
}

function describe(error: unknown, allowance: { left: number }): LoggedError {
  allowance.left -= 1
  if (!(error instanceof Error)) {
    return { type: typeof error, message: typeof error === 'string' ? safeText(error) : 'not an error' }
  }
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : []
  const code = codeOf(error)
  const stack = framesOf(error)
  const describeNext = (next: unknown): LoggedError | undefined =>
    next === undefined || allowance.left <= 0 ? undefined : describe(next, allowance)
  const cause = describeNext(error.cause)
  const errors = parts.slice(0, MAX_ERRORS).flatMap((part) => describeNext(part) ?? [])
  return {
    type: safeText(error.constructor.name || error.name),
    message: safeText(error.message),
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause }),
    ...(errors.length > 0 && { errors }),
  }
}

/**
 * Returns type, code, message and call frames of an error, of its causes, and of the errors of an `AggregateError`. Other
 * properties are not logged: libraries attach what they worked on, such as the packet that could not be parsed, the document
 * that could not be written, or the variables of an operation. Texts are cut at 1000 characters, and secrets in them are
 * replaced.
 */
export function loggedError(error: unknown): LoggedError {
  return describe(error, { left: MAX_ERRORS })
}
