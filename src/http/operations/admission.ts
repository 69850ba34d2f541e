import type { GraphQLSchema } from 'graphql'
import type { OperationLimits } from '../../operations/operation-limits.ts'
import { anonymousAdmission } from './anonymous-admission.ts'
import { callerAdmission } from './caller-admission.ts'
import { holderOf, type IdentifiedCaller } from './callers.ts'
import type { Decision } from './decision.ts'
import { createIntrospection } from './introspection.ts'
import type { OperationRequest } from './requested-operation.ts'

/** The one way to execution, for every transport. */
export interface Admission {
  /**
   * Decides what becomes of an operation, and waits until there is room for it.
   * @param isDisconnected true when the client is not connected any more
   */
  admit(request: OperationRequest, from: IdentifiedCaller, isDisconnected?: () => boolean): Promise<Decision>
  /** Takes the cost of what is no operation. @throws TOO_MANY_REQUESTS */
  charge(from: IdentifiedCaller, cost: number): void
}

/** Nothing is under way, and every allowance is full. */
export function createAdmission(schema: GraphQLSchema, limits: OperationLimits): Admission {
  const introspection = createIntrospection(schema)
  const parts = { schema, limits, introspection }
  const decideAnonymous = anonymousAdmission(parts)
  const callers = callerAdmission(parts)

  return {
    async admit(request, from, isDisconnected = () => false) {
      const { caller } = from.context
      if (caller.kind === 'nobody') {
        return decideAnonymous(request, { address: from.address, why: caller.why })
      }
      return callers.decide(request, holderOf(caller), isDisconnected)
    },
    charge({ context: { caller } }, cost) {
      if (caller.kind === 'nobody') return
      const refusal = callers.spend(holderOf(caller), cost)
      if (refusal !== undefined) throw refusal
    },
  }
}
