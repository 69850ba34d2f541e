import { GraphQLError, OperationTypeNode } from 'graphql'
import type { OperationLimits } from '../../operations/operation-limits.ts'
import { createCallerAllowance } from './allowances.ts'
import type { Holder } from './callers.ts'
import { costOf, type OperationCost } from './cost.ts'
import { refused, type Decision, type DecisionParts } from './decision.ts'
import { createDocuments, tokensOf, type ValidDocument, type DocumentCheck } from './documents.ts'
import { createConcurrencyLimit, type Release } from './concurrency-limit.ts'
import { requestedOperation, type OperationRequest } from './requested-operation.ts'

/** Decides about the operations of known callers. */
export interface CallerAdmission {
  decide(request: OperationRequest, holder: Holder, isDisconnected: () => boolean): Promise<Decision>
  /** Takes the cost of what is no operation; the refusal when it is not there. */
  spend(holder: Holder, cost: number): GraphQLError | undefined
}

/**
 * To read a document that is not known yet costs as much as so many values, and more when it has more than 100 tokens: the
 * tokens of one order must not evict what others have had read. An answer costs one for so many characters.
 */
const READ_DOCUMENT_COST = 200
const READ_TOKEN_COST = 2
const CHARACTERS_PER_VALUE = 100

interface Work extends OperationCost {
  readonly type: OperationTypeNode
}

interface Waiting {
  readonly holder: Holder
  readonly isDisconnected: () => boolean
}

/**
 * What is under way at once. Mutations may wait for a platform for seconds, lists and counts keep the database busy, and
 * everything else is read in milliseconds: so that none of them waits for the others.
 */
function createConcurrencyLimits(limits: OperationLimits) {
  const { waitMs } = limits
  const mutations = createConcurrencyLimit({ overall: Infinity, waitMs })
  const lists = createConcurrencyLimit({ overall: limits.listsOfAll, waitMs })
  const reads = createConcurrencyLimit({ overall: limits.readsOfAll, waitMs })

  return function enter({ type, fields, lists: count }: Work, caller: Waiting): Promise<Release> {
    const { isDisconnected } = caller
    const { holder, isKey } = caller.holder
    const waiting = limits.waitingPerToken * (isKey ? limits.keyFactor : 1)
    if (count > 0)
      return lists.acquire({ holder, weight: count, perHolder: limits.listsPerKey, waiting, isDisconnected })
    if (type === OperationTypeNode.MUTATION) {
      const perHolder = isKey ? limits.mutationsPerKey : limits.mutationsPerToken
      return mutations.acquire({ holder, weight: 1, perHolder, waiting, isDisconnected })
    }
    const perHolder = isKey ? limits.readsPerKey : limits.readsPerToken
    return reads.acquire({ holder, weight: fields, perHolder, waiting, isDisconnected })
  }
}

/** Refuses what the bounds do not allow; lets in the rest, as much at once as the bounds say. */
export function callerAdmission({ schema, limits, introspection }: DecisionParts): CallerAdmission {
  const documentsOfKeys = createDocuments(schema, { limits, audience: 'keys' })
  const documentsOfTokens = createDocuments(schema, { limits, audience: 'tokens' })
  const { spend } = createCallerAllowance(limits)
  const enter = createConcurrencyLimits(limits)

  function read(text: string, holder: Holder): DocumentCheck | GraphQLError {
    const documents = holder.isKey ? documentsOfKeys : documentsOfTokens
    const known = documents.known(text)
    if (known !== undefined) return known
    const cost = Math.max(READ_DOCUMENT_COST, READ_TOKEN_COST * tokensOf(text, limits))
    return spend(holder, cost) ?? documents.read(text)
  }

  function answer(request: OperationRequest, valid: ValidDocument, holder: Holder): Decision {
    const found = introspection.known(request) ?? introspection.answer(request, valid)
    const refusal = spend(holder, Math.ceil(found.text.length / CHARACTERS_PER_VALUE))
    return refusal === undefined
      ? { kind: 'answered', document: valid.document, answer: found }
      : refused(refusal)
  }

  function pay({ cost }: OperationCost, holder: Holder): GraphQLError | undefined {
    if (cost <= limits.cost) return spend(holder, cost)
    const sentence = `The operation has a cost of ${cost}; ${limits.cost} is allowed. Ask for less, or for smaller pages.`
    return new GraphQLError(sentence, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })
  }

  async function execute({ document }: ValidDocument, work: Work, caller: Waiting): Promise<Decision> {
    const refusal = pay(work, caller.holder)
    if (refusal !== undefined) return refused(refusal)
    try {
      return { kind: 'admitted', document, release: await enter(work, caller) }
    } catch (error) {
      if (error instanceof GraphQLError) return refused(error)
      throw error
    }
  }

  return {
    spend,
    async decide(request, holder, isDisconnected) {
      const check = read(request.query, holder)
      if (check instanceof GraphQLError) return refused(check)
      if (!('document' in check)) return refused(...('mistakes' in check ? check.mistakes : []))
      const requested = requestedOperation(schema, check.document, request)
      if (!('operation' in requested)) return refused(...requested)
      const { operation, variables } = requested
      if (check.introspection.has(operation)) return answer(request, check, holder)
      const cost = costOf({ schema, document: check.document }, operation, variables)
      return execute(check, { ...cost, type: operation.operation }, { holder, isDisconnected })
    },
  }
}
