import { callerError } from '../../resolvers/errors.ts'
import { createAnonymousAllowance } from './allowances.ts'
import { refused, type Answered, type DecisionParts, type Refused } from './decision.ts'
import { createDocuments, type ValidDocument, type DocumentCheck } from './documents.ts'
import type { IntrospectionAnswer } from './introspection.ts'
import { requestedOperation, type OperationRequest } from './requested-operation.ts'

/** An anonymous caller, and why it is one. */
interface AnonymousCaller {
  readonly address: string
  readonly why: string
}

/** Decides about operations without a key: introspection is answered, everything else is refused. */
export type AnonymousAdmission = (request: OperationRequest, caller: AnonymousCaller) => Answered | Refused

function isValid(check: DocumentCheck): check is ValidDocument {
  return 'document' in check
}

function refusalOf(check: Exclude<DocumentCheck, ValidDocument>, { why }: AnonymousCaller): Refused {
  return 'needsCaller' in check ? refused(callerError('UNAUTHENTICATED', why)) : refused(...check.mistakes)
}

/** What is known already costs nothing but the answer; what has to be read or executed is counted. */
export function anonymousAdmission({ schema, limits, introspection }: DecisionParts): AnonymousAdmission {
  const documents = createDocuments(schema, { limits, audience: 'anonymous' })
  const allowance = createAnonymousAllowance(limits)

  function execute(request: OperationRequest, caller: AnonymousCaller): Answered | Refused {
    const check = documents.read(request.query)
    if (!isValid(check)) return refusalOf(check, caller)
    const requested = requestedOperation(schema, check.document, request)
    if (!('operation' in requested)) return refused(...requested)
    return answered(check, introspection.answer(request, check), caller)
  }

  function answered({ document }: ValidDocument, answer: IntrospectionAnswer, { address }: AnonymousCaller) {
    const refusal = allowance.spendOnAnswer(address, answer.text.length)
    return refusal === undefined ? ({ kind: 'answered', document, answer } as const) : refused(refusal)
  }

  return function decide(request, caller) {
    const check = documents.known(request.query)
    if (check !== undefined && !isValid(check)) return refusalOf(check, caller)
    const answer = check && introspection.known(request)
    if (check !== undefined && answer !== undefined) return answered(check, answer, caller)
    const refusal = allowance.spendOnDocument(caller.address)
    return refusal === undefined ? allowance.timed(() => execute(request, caller)) : refused(refusal)
  }
}
