import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { PaymentError, type PaymentErrorCode } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import { isDatabaseTrouble } from '../models/database-trouble.ts'
import type { Log } from '../operations/log.ts'

interface Problems {
  readonly InvalidInput: {
    readonly __typename: 'InvalidInput'
    readonly message: string
    readonly field: string
  }
  readonly NotFound: { readonly __typename: 'NotFound'; readonly message: string }
  readonly OutTradeNoConflict: {
    readonly __typename: 'OutTradeNoConflict'
    readonly message: string
    readonly order: Order
  }
  readonly OrderNotPayable: {
    readonly __typename: 'OrderNotPayable'
    readonly message: string
    readonly order: Order
  }
  readonly PlatformRefused: {
    readonly __typename: 'PlatformRefused'
    readonly message: string
    readonly code: string
  }
  readonly PlatformUnavailable: { readonly __typename: 'PlatformUnavailable'; readonly message: string }
}

type ProblemName = keyof Problems

function withOrder<N extends 'OutTradeNoConflict' | 'OrderNotPayable'>(__typename: N, error: PaymentError) {
  return error.order && { __typename, message: error.message, order: error.order }
}

const PROBLEMS: Readonly<
  Record<PaymentErrorCode, (error: PaymentError) => Problems[ProblemName] | undefined>
> = {
  INVALID_INPUT: ({ message, field = 'input' }) => ({ __typename: 'InvalidInput', message, field }),
  NOT_FOUND: ({ message }) => ({ __typename: 'NotFound', message }),
  OUT_TRADE_NO_CONFLICT: (error) => withOrder('OutTradeNoConflict', error),
  ORDER_NOT_PAYABLE: (error) => withOrder('OrderNotPayable', error),
  PLATFORM_REFUSED: ({ message, platformCode = 'UNKNOWN' }) => ({
    __typename: 'PlatformRefused',
    message,
    code: platformCode,
  }),
  PLATFORM_UNAVAILABLE: ({ message }) => ({ __typename: 'PlatformUnavailable', message }),
  CONTENTION: () => undefined,
}

/** The member of a result union that stands for an expected failure; anything else is thrown on. */
export function asProblem<N extends ProblemName>(error: unknown, expected: readonly N[]): Problems[N] {
  const problem = error instanceof PaymentError ? PROBLEMS[error.code](error) : undefined
  const isExpected = (found: Problems[ProblemName]): found is Problems[N] =>
    expected.some((name) => name === found.__typename)
  if (problem !== undefined && isExpected(problem)) return problem
  throw error
}

/** Why something that was asked for is not done. */
export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'AMBIGUOUS'
  | 'TOO_MANY_REQUESTS'
  | 'TOO_SLOW'
  | 'UNAVAILABLE'

/** An error that a caller may read as it is. */
export function callerError(code: RefusalCode, why: string) {
  return new GraphQLError(why, { extensions: { code } })
}

function shownInstead(cause: unknown) {
  if (isDatabaseTrouble(cause))
    return { message: 'The database cannot be reached now; please try again.', code: 'UNAVAILABLE' }
  if (cause instanceof PaymentError && cause.code === 'CONTENTION')
    return { message: cause.message, code: 'UNAVAILABLE' }
  return { message: 'Something went wrong here.', code: 'INTERNAL_SERVER_ERROR' }
}

/**
 * What a caller sees of an error. A mistake of the caller's is shown as it is; what broke here is logged and shown
 * without details, with the code `UNAVAILABLE` (come again) or `INTERNAL_SERVER_ERROR`.
 */
export function showError(log: Log, formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = error instanceof GraphQLError ? error.originalError : error
  if (cause === undefined || cause === null || cause instanceof GraphQLError) return formatted
  log.error({ err: cause, path: formatted.path }, 'A GraphQL operation failed.')
  const shown = shownInstead(cause)
  const { locations, path } = formatted
  return {
    message: shown.message,
    extensions: { code: shown.code },
    ...(locations && { locations }),
    ...(path && { path }),
  }
}

/** The same for the doors that hand out error objects. */
export function maskErrors(log: Log, errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return errors.map((error) => {
    const formatted = error.toJSON()
    const { message, extensions = null } = showError(log, formatted, error)
    const { nodes = null, path = null } = error
    return message === formatted.message ? error : new GraphQLError(message, { nodes, path, extensions })
  })
}
