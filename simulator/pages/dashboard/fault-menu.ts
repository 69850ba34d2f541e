/** Where a fault strikes: on the way of a notification, or in a merchant's call. */
export type Side = 'delivery' | 'api'

/** One parameter of a fault. A number or text without `start` may be left empty. */
export type Field =
  | { readonly name: string; readonly type: 'number'; readonly start?: number }
  | { readonly name: string; readonly type: 'text'; readonly start?: string }
  | { readonly name: string; readonly type: 'choice'; readonly choices: readonly string[] }

/** One kind of fault, as the panel offers it. */
export type MenuEntry = { readonly kind: string; readonly side: Side; readonly fields: readonly Field[] }

/** The choice that stands for all kinds of call. */
export const everyCall = 'every'
/** The choice that stands for leaving a parameter out. */
export const unchanged = 'unchanged'

const call: Field = {
  name: 'call',
  type: 'choice',
  choices: [everyCall, 'prepay', 'query', 'close', 'certificates'],
}
const spellings = ['spaces', 'key-order', 'unicode-escapes', 'crlf', 'trailing-newline']
const malformations = ['wrong-types', 'not-json', 'no-resource']
const payees = ['mchid', 'appid', 'sp_mchid', 'sp_appid', 'sub_mchid', 'sub_appid']
const timeSpellings = ['digits', 'offset-without-colon', 'milliseconds', 'utc', 'missing']
const from: Field = { name: 'from', type: 'text' }

const onDelivery = (kind: string, ...fields: readonly Field[]): MenuEntry => ({
  kind,
  side: 'delivery',
  fields,
})
const onCall = (kind: string, ...fields: readonly Field[]): MenuEntry => ({ kind, side: 'api', fields })

/** All kinds of fault with their parameters, in the order in which they are offered. */
export const faultMenu: readonly MenuEntry[] = [
  onDelivery('lose'),
  onDelivery('delay', { name: 'ms', type: 'number', start: 10_000 }),
  onDelivery('duplicate', { name: 'copies', type: 'number', start: 2 }),
  onDelivery('reorder'),
  onDelivery('corrupt'),
  onDelivery('reserialise', { name: 'how', type: 'choice', choices: spellings }),
  onDelivery('stale-clock', { name: 'seconds', type: 'number', start: -600 }),
  onDelivery('probe'),
  onDelivery('wrong-amount', { name: 'total', type: 'number' }),
  onDelivery('wrong-payee', { name: 'field', type: 'choice', choices: payees }),
  onDelivery('wrong-state', { name: 'tradeState', type: 'text', start: 'NOTPAY' }),
  onDelivery('early-success', { name: 'seconds', type: 'number', start: 3600 }),
  onDelivery(
    'odd-time',
    { name: 'field', type: 'choice', choices: ['create_time', 'success_time'] },
    { name: 'how', type: 'choice', choices: timeSpellings },
  ),
  onDelivery('other-product', {
    name: 'product',
    type: 'choice',
    choices: ['partner', 'combined', 'profit-sharing'],
  }),
  onDelivery('reused-id', from),
  onDelivery('reused-transaction', from),
  onDelivery('signature-type', { name: 'how', type: 'choice', choices: ['empty', 'missing', 'sm'] }),
  onDelivery('wrong-key'),
  onDelivery('unknown-serial', { name: 'serial', type: 'text' }),
  onDelivery('wrong-apiv3-key'),
  onDelivery('malformed', { name: 'how', type: 'choice', choices: malformations }),
  onDelivery('unknown-event', { name: 'eventType', type: 'text', start: 'SIMULATOR.UNKNOWN' }),
  onCall('slow', call, { name: 'ms', type: 'number', start: 10_000 }),
  onCall(
    'error',
    call,
    { name: 'status', type: 'number', start: 500 },
    { name: 'code', type: 'text', start: 'SYSTEM_ERROR' },
  ),
  onCall('unsigned', call),
  onCall('wrong-signature', call),
  onCall('probe-answer', call),
  onCall('drop-before', call),
  onCall('drop-after', call),
  onCall(
    'wrong-answer',
    { name: 'total', type: 'number' },
    { name: 'tradeState', type: 'text' },
    { name: 'payee', type: 'choice', choices: [unchanged, ...payees] },
    { name: 'transactionFrom', type: 'text' },
  ),
  onCall('used-number', {
    name: 'code',
    type: 'choice',
    choices: ['OUT_TRADE_NO_USED', 'INVALID_REQUEST'],
  }),
  onCall('close-race', { name: 'payer', type: 'choice', choices: ['pays', 'leaves'] }),
]
