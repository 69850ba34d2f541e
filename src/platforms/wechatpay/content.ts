import type { Explanation } from '../../domain/explanation.ts'
import type { NotificationContent } from '../platform.ts'
import { CONTENT, NOT_HANDLED } from './explain/sentences.ts'
import { parseJson } from './json.ts'
import { tradeNoIn } from './named-trade-no.ts'
import type { Payee } from './payee.ts'
import { quoted, Unreadable } from './refusal.ts'
import { meaningOfState } from './trade-state.ts'
import { paidFactOfTransaction } from './transaction.ts'

/** The only event that reports a payment. */
const PAYMENT_EVENT = 'TRANSACTION.SUCCESS'

/** What makes a content a payment, whatever other fields it has: as documented, no other content has all of them. */
const PAYMENT_FIELDS = ['out_trade_no', 'transaction_id', 'trade_state', 'amount'] as const

const COMBINED = /^(combine_.*|sub_orders)$/
const REFUND = /^(out_refund_no|refund_id|refund_status)$/
const PROFIT_SHARING = /^(receivers?|out_order_no)$/

/** Null and what is empty name nothing. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'object') return value === null || Object.keys(value).length === 0
  return value === undefined || value === ''
}

/** What the number of another thing says, where the content has one: also beside the fields of a payment. */
function numberedShapeOf(content: object): Explanation | undefined {
  const hasText = (field: string): boolean => {
    const value: unknown = Reflect.get(content, field)
    return typeof value === 'string' && value !== ''
  }
  if (hasText('combine_out_trade_no')) return NOT_HANDLED.combined
  return hasText('out_refund_no') ? NOT_HANDLED.refund : undefined
}

/** Other contents of a payment's event, recognised by their fields. A payment may have further fields, as in a query. */
function otherShapeOf(content: object): Explanation | undefined {
  const numbered = numberedShapeOf(content)
  if (numbered !== undefined) return numbered
  const names = Object.entries(content).flatMap(([name, value]) => (isEmpty(value) ? [] : [name]))
  if (PAYMENT_FIELDS.every((field) => names.includes(field))) return undefined
  const has = (field: RegExp): boolean => names.some((name) => field.test(name))
  if (has(COMBINED)) return NOT_HANDLED.combined
  if (has(REFUND)) return NOT_HANDLED.refund
  return has(PROFIT_SHARING) && !names.includes('trade_state') ? NOT_HANDLED.profitSharing : undefined
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
 * field even profit sharing, come as `TRANSACTION.SUCCESS` too. Of what is not handled, only the number that it names is read.
 * @throws {Unreadable} when it is the event of a payment, and of no shape that is known
 */
export function readContent(
  { eventType, text }: { readonly eventType: string; readonly text: string },
  payee: Payee,
): NotificationContent {
  const ignored = (notHandled: Explanation): NotificationContent => ({
    fact: null,
    notHandled,
    platformTradeNo: tradeNoIn(text),
  })
  if (eventType !== PAYMENT_EVENT) return ignored(notHandledEvent(eventType))
  const content = parseContent(text)
  const notHandled = notHandledContent(content)
  return notHandled === undefined
    ? { fact: paidFactOfTransaction(content, payee, 'NOTIFY') }
    : ignored(notHandled)
}
