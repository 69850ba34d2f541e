import type { BridgeHint } from '../client/bridge.ts'
import type { Connection } from '../client/connection.ts'
import type { PayOrder } from './order.ts'

/** Everything that the pay page knows. Times are the gateway's, in milliseconds since 1970. */
export interface PayState {
  readonly order: PayOrder | null
  readonly step: Step
  readonly connection: Connection
  /** The gateway does not accept the link: it was never good, or its time is over. */
  readonly isLinkRefused: boolean
  /** A question to the gateway ("check again") is under way. */
  readonly isChecking: boolean
  readonly nowMs: number
}

/** What the payer is doing, as opposed to what the order is. */
export type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'paying'; readonly sinceMs: number }
  | { readonly kind: 'confirming'; readonly sinceMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'outside' }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** Why a payment could not be made: because of the platform (the first two), the network, the phone, or the shop. */
export interface Problem {
  readonly kind: 'refused' | 'unavailable' | 'unreachable' | 'wechat' | 'shop'
  /** The platform's own, for whoever helps the payer, e.g. `NO_AUTH`; empty when it gave none. */
  readonly code: string
}

/** Something happened. The order's own news outranks everything that the phone says. */
export type PayEvent =
  | { readonly kind: 'order'; readonly order: PayOrder }
  | { readonly kind: 'link-refused' }
  | { readonly kind: 'payment'; readonly news: PaymentNews }
  | { readonly kind: 'check'; readonly phase: 'started' | 'answered' | 'unanswered' }
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'tick'; readonly nowMs: number }

/** What happened to the payment on this phone. */
export type PaymentNews =
  | { readonly kind: 'pressed' }
  | { readonly kind: 'hint'; readonly hint: BridgeHint }
  | { readonly kind: 'bridge-found' }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** What is to be seen; also the value of `data-state`. */
export type Screen =
  | 'loading'
  | 'unready'
  | 'waiting'
  | 'paying'
  | 'confirming'
  | 'paid'
  | 'cancelled'
  | 'failed'
  | 'outside'
  | 'expired'
  | 'closed'
  | 'invalid'
  | 'offline'

/** After this long without news, "check again" is offered. */
export const PATIENCE_MS = 15_000

/** The page before anything is known. */
export function initialState(nowMs: number): PayState {
  return {
    order: null,
    step: { kind: 'idle' },
    connection: 'online',
    isLinkRefused: false,
    isChecking: false,
    nowMs,
  }
}

/** The next state. Once the order is PAID, nothing changes any more, whatever still arrives. */
export function reduce(state: PayState, event: PayEvent): PayState {
  if (state.order?.status === 'PAID') return state
  switch (event.kind) {
    case 'order':
      return withOrder(state, event.order)
    case 'link-refused':
      return { ...state, isLinkRefused: true }
    case 'connection':
      return { ...state, connection: event.connection }
    case 'tick':
      return { ...state, nowMs: event.nowMs }
    case 'check':
      return withCheck(state, event.phase)
    case 'payment':
      return { ...state, step: nextStep(state, event.news) }
  }
}

/** What the page shows in this state. */
export function screenOf(state: PayState): Screen {
  const { order } = state
  if (order?.status === 'PAID') return 'paid'
  if (order?.status === 'CLOSED') return order.closeReason === 'EXPIRED' ? 'expired' : 'closed'
  if (state.isLinkRefused) return 'invalid'
  if (order === null) return state.connection === 'online' ? 'loading' : 'offline'
  return screenOfOpen(order, state)
}

/** Only the merchant can say who pays, so that nothing on this page could start a first payment. */
function screenOfOpen({ status, expiresAtMs }: PayOrder, { step, nowMs }: PayState): Screen {
  const isExpired = expiresAtMs <= nowMs
  if (status === 'CREATED') return isExpired ? 'expired' : 'unready'
  return screenOfStep(step, isExpired)
}

/** A payment that is under way may still succeed after the order's time, so it is not called expired. */
function screenOfStep(step: Step, isExpired: boolean): Screen {
  if (step.kind === 'paying' || step.kind === 'confirming') return step.kind
  if (isExpired) return 'expired'
  return step.kind === 'idle' ? 'waiting' : step.kind
}

/** Whether a payment that was begun here may still have to be asked for; the order may have been closed meanwhile. */
export function isAwaitingMoney({ order, step }: PayState): boolean {
  return order?.status !== 'PAID' && (step.kind === 'paying' || step.kind === 'confirming')
}

/** Whether the pay button may be pressed. */
export function canPay(state: PayState): boolean {
  return ['waiting', 'cancelled', 'failed'].includes(screenOf(state))
}

/** Whether the payer has waited long enough to be offered to ask again. */
export function canCheckAgain(state: PayState): boolean {
  const { step } = state
  const isInTheDark = step.kind === 'paying' || step.kind === 'confirming'
  return isInTheDark && state.nowMs - step.sinceMs >= PATIENCE_MS && screenOf(state) === step.kind
}

/** Milliseconds until the order expires, in its last hour; otherwise null. */
export function countdownMs(state: PayState): number | null {
  const leftMs = (state.order?.expiresAtMs ?? 0) - state.nowMs
  return leftMs > 0 && leftMs <= 3_600_000 && canPay(state) ? leftMs : null
}

/** Answers overtake each other; an older version of the order changes nothing, unless it is the one that says PAID. */
function withOrder(state: PayState, order: PayOrder): PayState {
  const isStale = state.order !== null && order.status !== 'PAID' && order.seq < state.order.seq
  return isStale ? state : { ...state, order, isLinkRefused: false }
}

/** A phone that never called back must not lock its payer out; one that said `ok` must not let him pay twice. */
function withCheck(state: PayState, phase: 'started' | 'answered' | 'unanswered'): PayState {
  const isReleased = phase === 'answered' && state.step.kind === 'paying'
  return { ...state, isChecking: phase === 'started', step: isReleased ? { kind: 'idle' } : state.step }
}

function nextStep(state: PayState, news: PaymentNews): Step {
  const { step, nowMs } = state
  switch (news.kind) {
    case 'pressed':
      return canPay(state) ? { kind: 'paying', sinceMs: nowMs } : step
    case 'bridge-found':
      return step.kind === 'outside' ? { kind: 'idle' } : step
    case 'failed':
      return step.kind === 'paying' ? { kind: 'failed', problem: news.problem } : step
    case 'hint':
      return afterHint(state, news.hint)
  }
}

/** `ok` counts whenever it comes; the others only while the payment is open, and never after an `ok`. */
function afterHint({ step, nowMs }: PayState, hint: BridgeHint): Step {
  if (hint === 'ok') return step.kind === 'confirming' ? step : { kind: 'confirming', sinceMs: nowMs }
  if (step.kind === 'confirming') return step
  if (hint === 'absent') return { kind: 'outside' }
  if (step.kind !== 'paying') return step
  return hint === 'cancel' ? { kind: 'cancelled' } : { kind: 'failed', problem: { kind: 'wechat', code: '' } }
}
