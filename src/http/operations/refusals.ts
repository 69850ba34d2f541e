import { GraphQLError } from 'graphql'

/** HTTP statuses of errors that come before an operation is executed. */
const STATUSES = new Map<unknown, number>([
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['NOT_FOUND', 404],
  ['NOT_ACCEPTABLE', 406],
  ['TOO_MANY_REQUESTS', 429],
  ['UNAVAILABLE', 503],
  ['INTERNAL_SERVER_ERROR', 500],
])

/** The HTTP status that says the same as the first of some errors; 400 for a mistake in the request. */
export function statusOf([error]: readonly { readonly extensions?: object | undefined }[]): number {
  const { code } = { code: undefined, ...error?.extensions } as { readonly code: unknown }
  return STATUSES.get(code) ?? 400
}

/** `Retry-After`, in seconds, where the first error says it. */
export function retryAfterOf([error]: readonly { readonly extensions?: object | undefined }[]):
  | string
  | undefined {
  const seconds =
    error?.extensions && 'retryAfterSeconds' in error.extensions && error.extensions.retryAfterSeconds
  return typeof seconds === 'number' ? String(seconds) : undefined
}

/** The caller is over a bound that it will be under again after so many seconds. */
export function tooManyRequests(sentence: string, retryAfterSeconds: number): GraphQLError {
  return new GraphQLError(sentence, { extensions: { code: 'TOO_MANY_REQUESTS', retryAfterSeconds } })
}

/** The refusal of an operation whose client has disconnected while it waited. */
export function clientDisconnected(): GraphQLError {
  return tooManyRequests('The client is not connected any more.', 1)
}
