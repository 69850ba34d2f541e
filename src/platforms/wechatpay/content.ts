import type { Explanation } from '../../domain/explanation.ts'
import type { NotificationContent } from '../platform.ts'
import { CONTENT, NOT_HANDLED } from './explain/sentences.ts'
import { parseJson } from './json.ts'
import type { Payee } from './payee.ts'
import { quoted, Unreadable } from './refusal.ts'
import { meaningOfState } from './trade-state.ts'
import { paidFactOfTransaction } from './transaction.ts'

/** The only event that reports a payment. */
const PAYMENT_EVENT = 'TRANSACTION.SUCCESS'

const COMBINED = /^(combine_.*|sub_orders)$/
const REFUND = /^(out_refund_no|refund_id|refund_status)$/
const PROFIT_SHARING = /^(receivers?|out_order_no)$/

/** Other contents of a payment's event, recognised by their fields. A payment may have further, unknown fields. */
function otherShapeOf(content: object): Explanation | undefined {
  const has = (field: RegExp): boolean => Object.keys(content).some((name) => field.test(name))
  if (has(COMBINED)) return NOT_HANDLED.combined
  if (has(REFUND)) return NOT_HANDLED.refund
  return has(PROFIT_SHARING) && !('trade_state' in content) ? NOT_HANDLED.profitSharing : undefined
}

function unpaidState(content: object): string | undefined {
  if (!('trade_state' in content) || typeof content.trade_state !== 'string') return undefined
  return meaningOfState(content.trade_state) === 'paid' ? undefined : content.trade_state
}

function notHandledEvent(eventType: string): Explanation {
  if (eventType.startsWith('REFUND.')) return NOT_HANDLED.refund
  if (eventType.startsWith('PROFITSHARING.')) return NOT_HANDLED.profitSharing
  return NOT_HANDLED.event(eventType)
}

function notHandledContent(content: unknown): Explanation | undefined {
  if (typeof content !== 'object' || content === null) return undefined
  const other = otherShapeOf(content)
  if (other !== undefined) return other
  const state = unpaidState(content)
  return state === undefined ? undefined : NOT_HANDLED.state(quoted(state))
}

function parseContent(text: string): unknown {
  const content = parseJson(text)
  if (content !== undefined) return content
  throw new Unreadable('The decrypted resource is not JSON.', CONTENT.contentNotJson)
}

/**
 * Reads what a notification says. Both the event and the shape must be those of a payment: combined payments, and in the
 * field even profit sharing, come as `TRANSACTION.SUCCESS` too. Of other events the content is not looked at.
 * @throws {Unreadable} when it is the event of a payment, and of no shape that is known
 */
export function readContent(
  { eventType, text }: { readonly eventType: string; readonly text: string },
  payee: Payee,
): NotificationContent {
  if (eventType !== PAYMENT_EVENT) return { fact: null, notHandled: notHandledEvent(eventType) }
  const content = parseContent(text)
  const notHandled = notHandledContent(content)
  return notHandled === undefined
    ? { fact: paidFactOfTransaction(content, payee, 'NOTIFY') }
    : { fact: null, notHandled }
}
