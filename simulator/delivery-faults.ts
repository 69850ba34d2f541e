import { signAhead, signAsProbe, signUnder, signWithType } from './false-signatures.ts'
import type { Sign } from './false-signatures.ts'
import {
  withCreateTime,
  withEventType,
  withId,
  withMalformation,
  withStrangeKey,
  withTransaction,
} from './false-contents.ts'
import type { Rewrite } from './false-contents.ts'
import {
  asProduct,
  withPayee,
  withState,
  withSuccessAt,
  withTimeSpelling,
  withTotal,
  withTransactionId,
} from './false-transactions.ts'
import type { DeliveryFault, FaultOf } from './fault-kinds.ts'
import { pause } from './holding-back.ts'
import type { WaitingPlace } from './holding-back.ts'
import type { Attempt } from './notification.ts'
import type { OrderRef } from './order.ts'
import type { Precedents } from './precedents.ts'
import { corrupted, respelt } from './respelling.ts'
import { signedHeaders } from './signed-headers.ts'

/** How one notification travels: each step as the platform does it, unless a fault puts another in its place. */
export type DeliveryPlan = {
  /** Waits until the notification may leave; resolves early when the signal aborts. */
  readonly leave: (id: string, signal: AbortSignal) => Promise<void>
  /** How many copies leave at once; 0 loses the notification on the way. */
  readonly copies: number
  readonly rewrite: Rewrite
  readonly sign: Sign
  /** What happens to the body on the way, after it was signed. */
  readonly travel: (body: string) => string
  readonly verdict: Attempt['verdict']
  /** The kind of fault that made this plan. */
  readonly fault: string | undefined
}

/** What planning needs. */
export type DeliveryFaultTools = {
  readonly forge: Sign
  readonly place: WaitingPlace
  /** The order that the notification is about, and the merchant's other payments. */
  readonly ref: OrderRef
  readonly precedents: Precedents
}

const faultless: DeliveryPlan = {
  leave: () => Promise.resolve(),
  copies: 1,
  rewrite: (body) => body,
  sign: signedHeaders,
  travel: (body) => body,
  verdict: undefined,
  fault: undefined,
}

type Kind = DeliveryFault['kind']
type Detour = Partial<DeliveryPlan>
type Detours = {
  readonly [K in Kind]: (fault: FaultOf<DeliveryFault, K>, tools: DeliveryFaultTools) => Detour
}

/** Where each kind of fault leaves the platform's way. */
const detours: Detours = {
  lose: ({ times }) => ({ copies: 0, verdict: times === 'always' ? 'LOST' : undefined }),
  delay: ({ ms }) => ({ leave: (_id, signal) => pause(ms, signal) }),
  duplicate: ({ copies }) => ({ copies }),
  reorder: (_fault, { place }) => ({ leave: place.wait }),
  corrupt: () => ({ travel: corrupted }),
  reserialise: ({ how }) => ({ travel: respelt(how) }),
  'stale-clock': ({ seconds }) => ({ sign: signAhead(seconds) }),
  // The platform sends a notification again after a probe, whatever the answer was.
  probe: () => ({ sign: signAsProbe, verdict: 'IGNORED' }),
  'wrong-amount': ({ total }) => ({ rewrite: withTransaction(withTotal(total)) }),
  'wrong-payee': ({ field }) => ({ rewrite: withTransaction(withPayee(field)) }),
  'wrong-state': ({ tradeState }) => ({ rewrite: withTransaction(withState(tradeState)) }),
  'early-success': ({ seconds }, { ref, precedents }) => {
    const openedAt = precedents.openedAt(ref)?.getTime()
    if (openedAt === undefined) return {}
    return { rewrite: withTransaction(withSuccessAt(new Date(openedAt - seconds * 1000))) }
  },
  'odd-time': ({ field, how }) => ({
    rewrite: field === 'create_time' ? withCreateTime(how) : withTransaction(withTimeSpelling(how)),
  }),
  'other-product': ({ product }) => ({ rewrite: withTransaction(asProduct(product)) }),
  'reused-id': ({ from }, { ref, precedents }) => {
    const id = precedents.notificationId(ref, from)
    return id === undefined ? {} : { rewrite: withId(id) }
  },
  'reused-transaction': ({ from }, { ref, precedents }) => {
    const id = precedents.transactionId(ref, from)
    return id === undefined ? {} : { rewrite: withTransaction(withTransactionId(id)) }
  },
  'signature-type': ({ how }) => ({ sign: signWithType(how) }),
  'wrong-key': (_fault, { forge }) => ({ sign: forge }),
  'unknown-serial': ({ serial }) => ({ sign: signUnder(serial) }),
  'wrong-apiv3-key': () => ({ rewrite: withStrangeKey }),
  malformed: ({ how }) => ({ rewrite: withMalformation(how) }),
  'unknown-event': ({ eventType }) => ({ rewrite: withEventType(eventType) }),
}

const detourOf = <K extends Kind>(fault: FaultOf<DeliveryFault, K>, tools: DeliveryFaultTools): Detour =>
  detours[fault.kind](fault, tools)

/** Plans a delivery under a fault, or an ordinary one. */
export const planDelivery = (fault: DeliveryFault | undefined, tools: DeliveryFaultTools): DeliveryPlan =>
  fault ? { ...faultless, ...detourOf(fault, tools), fault: fault.kind } : faultless
