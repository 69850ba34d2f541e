import { ApiError, systemError } from './api-error.ts'
import { subjectOf } from './api-call.ts'
import type { CallSubject, IncomingCall } from './api-call.ts'
import type { FalseTransaction } from './false-transactions.ts'
import { readTransaction, withPayee, withState, withTotal, withTransactionId } from './false-transactions.ts'
import { createForger, leaveUnsigned, signAsProbe } from './false-signatures.ts'
import type { Sign } from './false-signatures.ts'
import { isApiFault } from './fault-kinds.ts'
import type { ApiFault, Fault, FaultOf } from './fault-kinds.ts'
import type { Faults } from './faults.ts'
import { pause } from './holding-back.ts'
import { isAboutUse, numberUsed } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import type { OrderRef } from './order.ts'
import type { PayOrder } from './payments.ts'
import { hasPrecedent } from './precedents.ts'
import type { Precedents } from './precedents.ts'
import { signedHeaders } from './signed-headers.ts'

type Next = () => Promise<unknown>

/** How one call is answered: each step as the platform does it, unless a fault puts another in its place. */
export type CallPlan = {
  /** Does what was asked for. @throws {ApiError} where a refusal takes its place */
  readonly run: (next: Next) => Promise<unknown>
  /** The answer to give for the true one. */
  readonly rewrite: (answer: unknown) => unknown
  readonly sign: Sign
  /** Whether the connection ends without an answer. */
  readonly hangsUp: boolean
  /** The kind of fault that made this plan. */
  readonly fault: string | undefined
}

/** Plans the answers to calls. */
export type ApiFaults = {
  /** Lets a fault strike the call if there is one for it; `answer` is given the plan to follow. */
  readonly during: (call: IncomingCall, answer: (plan: CallPlan) => Promise<void>) => Promise<void>
}

type Deps = {
  readonly faults: Faults
  readonly ledger: Ledger
  readonly pay: PayOrder
  readonly precedents: Precedents
}
type Scene = Pick<Deps, 'pay' | 'precedents'> & {
  readonly forge: Sign
  readonly subject: CallSubject
  readonly removed: AbortSignal
}
type Kind = ApiFault['kind']
type Detour = Partial<CallPlan>
type Detours = { readonly [K in Kind]: (fault: FaultOf<ApiFault, K>, scene: Scene) => Detour }

const faultless: CallPlan = {
  run: (next) => next(),
  rewrite: (answer) => answer,
  sign: signedHeaders,
  hangsUp: false,
  fault: undefined,
}

type WrongAnswer = FaultOf<ApiFault, 'wrong-answer'>

function changesOf(fault: WrongAnswer, { precedents, subject }: Scene): readonly FalseTransaction[] {
  const { total, tradeState, payee, transactionFrom } = fault
  const transactionId = transactionFrom && precedents.transactionId(refOf(subject), transactionFrom)
  const changes = [
    ...(tradeState === undefined ? [] : [withState(tradeState)]),
    ...(payee === undefined ? [] : [withPayee(payee)]),
    ...(transactionId === undefined ? [] : [withTransactionId(transactionId)]),
  ]
  const isTotalWrong = total !== undefined || changes.length === 0
  return isTotalWrong ? [...changes, withTotal(total)] : changes
}

/** Changes what a query says; what is no such answer, like a refusal, stays. */
const misreport =
  (fault: WrongAnswer, scene: Scene): CallPlan['rewrite'] =>
  (answer) =>
    changesOf(fault, scene).reduce((told, change) => {
      const transaction = readTransaction(told)
      return transaction ? change(transaction) : told
    }, answer)

const refOf = ({ mchId = '', outTradeNo = '' }: CallSubject): OrderRef => ({ mchId, outTradeNo })

/** The payer presses the button while the close is on its way. */
async function payMeanwhile({ pay, subject }: Scene): Promise<void> {
  try {
    await pay(refOf(subject))
  } catch (cause) {
    // An order that cannot be paid any more makes no difference to the one who closes it.
    if (!(cause instanceof ApiError)) throw cause
  }
}

const raceLost = (): ApiError =>
  new ApiError(429, 'FREQUENCY_LIMITED', { message: '订单正在支付中，请稍后再试' })
const refusal = (status: number, code: string): ApiError =>
  new ApiError(status, code, { message: systemError().message })

/** Where each kind of fault leaves the platform's way. */
const detours: Detours = {
  slow: ({ ms }, { removed }) => ({
    run: async (next) => {
      await pause(ms, removed)
      await next()
    },
  }),
  error: ({ status, code }) => ({ run: () => Promise.reject(refusal(status, code)) }),
  unsigned: () => ({ sign: leaveUnsigned }),
  'wrong-signature': (_fault, { forge }) => ({ sign: forge }),
  'probe-answer': () => ({ sign: signAsProbe }),
  'drop-before': () => ({ run: () => Promise.resolve(), hangsUp: true }),
  'drop-after': () => ({ hangsUp: true }),
  'wrong-answer': (fault, scene) => ({ rewrite: misreport(fault, scene) }),
  'used-number': ({ code }) => ({
    run: (next) =>
      next().catch((cause: unknown) => {
        throw isAboutUse(cause) ? numberUsed(code) : cause
      }),
  }),
  'close-race': ({ payer }, scene) => ({
    run: async () => {
      if (payer === 'pays') await payMeanwhile(scene)
      throw raceLost()
    },
  }),
}

const onlyCallOf: Partial<Record<Fault['kind'], CallSubject['call']>> = {
  'wrong-answer': 'query',
  'used-number': 'prepay',
  'close-race': 'close',
}

const detourOf = <K extends Kind>(fault: FaultOf<ApiFault, K>, scene: Scene): Detour =>
  detours[fault.kind](fault, scene)

/** Makes what plans the answers to calls, each under one of the faults at most. */
export function createApiFaults({ faults, ledger, pay, precedents }: Deps): ApiFaults {
  const forge = createForger()
  return {
    during: async (call, answer) => {
      const subject = subjectOf(call, ledger)
      if (!subject) return answer(faultless)
      const ref = refOf(subject)
      const canStrike = (fault: Fault): fault is ApiFault =>
        isApiFault(fault) &&
        (onlyCallOf[fault.kind] ?? subject.call) === subject.call &&
        !(fault.kind === 'used-number' && !ledger.find(ref)) &&
        hasPrecedent(fault, ref, precedents)
      const hit = faults.take(subject, canStrike)
      if (!hit) return answer(faultless)
      try {
        const detour = detourOf(hit.fault, { pay, precedents, forge, subject, removed: hit.removed })
        await answer({ ...faultless, ...detour, fault: hit.fault.kind })
      } finally {
        hit.end()
      }
    },
  }
}
