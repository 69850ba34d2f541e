import {
  execute,
  parse,
  subscribe,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql'
import type { Log } from '../../operations/log.ts'
import type { ReadBody } from '../../operations/read-body.ts'
import type { StreamLimits } from '../../operations/stream-limits.ts'
import type { GatewayContext } from '../../resolvers/context.ts'
import type { IdentifiedCaller } from '../operations/callers.ts'
import type { Admitted } from '../operations/decision.ts'
import type { OperationPipeline } from '../operations/pipeline.ts'
import type { OperationRequest } from '../operations/requested-operation.ts'
import type { Departures } from './departures.ts'
import type { Seats } from './seats.ts'

/** What the transports that keep a stream open need. */
export interface StreamParts {
  readonly pipeline: OperationPipeline
  readonly departures: Departures
  readonly limits: StreamLimits
  readonly seats: Seats
  readonly log: Log
  readonly readBody: ReadBody
}

/** What the libraries of the transports execute: they hand it on as it is. */
export interface StreamOperation extends ExecutionArgs {
  readonly contextValue: GatewayContext
  readonly decision:
    | Admitted
    | { readonly kind: 'answered'; readonly answer: { readonly result: ExecutionResult } }
}

/** The libraries look for an operation, also where there is nothing to execute. */
const NOTHING = parse('{ __typename }')

/** Has an operation decided about; the operation that may be executed, or what is wrong with it. */
export async function prepareOperation(
  { schema, admission }: OperationPipeline,
  { query, variables, operationName }: OperationRequest,
  from: { readonly caller: IdentifiedCaller; readonly isDisconnected: () => boolean },
): Promise<StreamOperation | readonly GraphQLError[]> {
  const decision = await admission.admit(
    { query, variables, operationName },
    from.caller,
    from.isDisconnected,
  )
  const contextValue = from.caller.context
  if (decision.kind === 'refused') {
    const { errors } = decision
    if (errors[0]?.extensions['code'] !== 'UNAUTHENTICATED') return errors
    // Clients expect this error in a result, as if a field had refused the caller, and not in place of one.
    const answer = { result: { data: null, errors } }
    return { schema, document: NOTHING, contextValue, decision: { kind: 'answered', answer } }
  }
  const { document } = decision
  return { schema, document, contextValue, variableValues: variables, operationName, decision }
}

/** Gives back what an operation holds that is not executed after all. */
export function abandonOperation({ decision }: StreamOperation): void {
  if (decision.kind === 'admitted') decision.release()
}

/** Executes a query or a mutation, or gives the answer that is known. */
export async function executeOperation(args: ExecutionArgs) {
  const operation = args as StreamOperation
  if (operation.decision.kind === 'answered') return operation.decision.answer.result
  try {
    return await execute(operation)
  } finally {
    abandonOperation(operation)
  }
}

/** Begins a subscription. What it reads afterwards is bounded by the quotas of streams. */
export async function beginSubscription(args: ExecutionArgs) {
  const operation = args as StreamOperation
  try {
    return await subscribe(operation)
  } finally {
    abandonOperation(operation)
  }
}
