import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { BodyRefusal } from '../operations/read-body.ts'

/** An operation with its variables; the largest useful one creates an order with 4 KiB of metadata. */
const MAX_BYTES = 64 * 1024

/** Anonymous callers may only query the schema. */
const MAX_ANONYMOUS_BYTES = 16 * 1024

/** How many bytes the body of an operation may have. */
export function maxOperationBytes({ headers }: Pick<IncomingMessage, 'headers'>): number {
  return headers.authorization === undefined ? MAX_ANONYMOUS_BYTES : MAX_BYTES
}

/** Why a body is refused: the status of the answer, its headers, and the error in it. */
export interface RefusedBody {
  readonly status: 400 | 413 | 429 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly error: GraphQLError
}

const RETRY = { 'retry-after': '2' }

function refusal(status: RefusedBody['status'], code: string, message: string): RefusedBody {
  const headers = { connection: 'close', ...(status === 429 || status === 503 ? RETRY : {}) }
  return { status, headers, error: new GraphQLError(message, { extensions: { code } }) }
}

/** Returns the answer to an operation whose body was not read. The connection must be closed. */
export function refusedBody(reason: BodyRefusal, maxBytes: number): RefusedBody {
  switch (reason) {
    case 'too-many-chunks':
      return refusal(400, 'BAD_REQUEST', 'The body comes in too many chunks; send fewer and larger ones.')
    case 'too-large': {
      const hint = maxBytes === MAX_ANONYMOUS_BYTES ? ' without an Authorization header' : ''
      return refusal(413, 'BAD_REQUEST', `The body may have ${maxBytes} bytes${hint}; it has more.`)
    }
    case 'unreadable':
      return refusal(400, 'BAD_REQUEST', 'The body could not be read to its end.')
    case 'too-many':
      return refusal(
        429,
        'TOO_MANY_REQUESTS',
        'Too many unfinished requests come from this address; send whole bodies, and try again later.',
      )
    case 'busy':
      return refusal(503, 'UNAVAILABLE', 'Too many requests are unfinished; please try again later.')
  }
}
