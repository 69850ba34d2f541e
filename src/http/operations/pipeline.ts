import type { IncomingMessage } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import { clientAddress } from '../../operations/client-address.ts'
import { DEFAULT_OPERATION_LIMITS, type OperationLimits } from '../../operations/operation-limits.ts'
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from '../../operations/stream-limits.ts'
import { createAdmission, type Admission } from './admission.ts'
import { identification, type ContextFor, type Identify } from './identify.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'

/** What operations pass through before they are executed, whichever transport they come over. */
export interface OperationPipeline {
  readonly schema: GraphQLSchema
  readonly limits: OperationLimits
  /** The address that a request came from, as it is counted. */
  readonly addressOf: (request: IncomingMessage) => string
  readonly identify: Identify
  readonly scheduler: Scheduler
  readonly admission: Admission
}

/** What the pipeline is made of. */
export interface OperationPipelineParts {
  readonly schema: GraphQLSchema
  readonly contextFor: ContextFor
  /** What differs from the usual bounds. */
  readonly operationLimits?: Partial<OperationLimits>
  readonly streamLimits?: Partial<StreamLimits>
  /** How many proxies in front are believed what they say about addresses; none when absent. */
  readonly trustedProxies?: number
}

/** More than what beginning any sensible subscription costs. */
const SUBSCRIPTION_COST = 100

/** The subscriptions that a token may hold can all begin at once, as they do after a restart. */
function limitsFor({ subscriptionsPerToken }: StreamLimits): OperationLimits {
  const { costSavedUp, waitingPerToken } = DEFAULT_OPERATION_LIMITS
  return {
    ...DEFAULT_OPERATION_LIMITS,
    costSavedUp: Math.max(costSavedUp, SUBSCRIPTION_COST * subscriptionsPerToken),
    waitingPerToken: Math.max(waitingPerToken, subscriptionsPerToken),
  }
}

/** One pipeline for all transports of a process, so that what a caller does over several of them adds up. */
export function createPipeline(parts: OperationPipelineParts): OperationPipeline {
  const { schema, contextFor, streamLimits, operationLimits, trustedProxies = 0 } = parts
  const limits = { ...limitsFor({ ...DEFAULT_STREAM_LIMITS, ...streamLimits }), ...operationLimits }
  return {
    schema,
    limits,
    addressOf: (request) => clientAddress(request, trustedProxies),
    identify: identification(contextFor, limits),
    scheduler: createScheduler(),
    admission: createAdmission(schema, limits),
  }
}
