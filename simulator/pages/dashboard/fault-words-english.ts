/** What the fault panel says. */
export type FaultWords = {
  readonly title: string
  readonly lead: string
  readonly active: (count: number) => string
  readonly none: string
  readonly kind: string
  readonly target: string
  readonly everyOrder: string
  readonly times: string
  readonly always: string
  readonly timesCount: (count: number) => string
  readonly used: (hits: number, times: number | 'always') => string
  /** A name and what it stands at. */
  readonly fact: (name: string, value: string) => string
  readonly underWay: (count: number) => string
  readonly add: string
  readonly remove: string
  readonly aim: string
  readonly payLate: string
  readonly sides: Readonly<Record<'delivery' | 'api', string>>
  readonly fields: Readonly<Record<string, string>>
  /** Placeholders of fields that may be left empty. */
  readonly empty: Readonly<Record<string, string>>
  readonly choices: Readonly<Record<string, string>>
  /** A name and a sentence for each kind. */
  readonly kinds: Readonly<Record<string, readonly [name: string, sentence: string]>>
}

/** The panel in English. */
export const english: FaultWords = {
  title: 'Faults',
  lead: 'Try what goes wrong with real platforms. Faults are forgotten when the simulator stops.',
  active: (count) => `${count} active`,
  none: 'None are active: everything works.',
  kind: 'What goes wrong',
  target: 'For',
  everyOrder: 'all orders',
  times: 'How often',
  always: 'always',
  timesCount: (count) => (count === 1 ? 'once' : `${count} times`),
  used: (hits, times) =>
    times === 'always' ? `always, struck ${hits} so far` : `struck ${hits} of ${times}`,
  fact: (name, value) => `${name}: ${value}`,
  underWay: (count) => `${count} under way`,
  add: 'Add fault',
  remove: 'Remove',
  aim: 'Fault…',
  payLate: 'Pay late',
  sides: { delivery: 'Notifications', api: 'Calls of the merchant' },
  fields: {
    call: 'Call',
    ms: 'Milliseconds',
    copies: 'Copies',
    how: 'How',
    seconds: 'Seconds',
    product: 'Product',
    from: 'out_trade_no of the other payment',
    payee: 'Payee',
    transactionFrom: 'Transaction of (out_trade_no)',
    total: 'Total in fen',
    field: 'Field',
    serial: 'Serial',
    eventType: 'event_type',
    status: 'HTTP status',
    code: 'Code',
    tradeState: 'trade_state',
    payer: 'The payer',
  },
  empty: {
    total: 'one more',
    serial: 'a random one',
    tradeState: 'as it is',
    from: 'the latest other one',
    transactionFrom: 'as it is',
  },
  choices: {
    every: 'every call',
    prepay: 'prepay',
    query: 'query',
    close: 'close',
    certificates: 'certificates',
    spaces: 'other spaces',
    'key-order': 'other order of keys',
    'unicode-escapes': 'escaped characters',
    crlf: 'lines that end in CRLF',
    'trailing-newline': 'line feed at the end',
    'wrong-types': 'wrong type of amount',
    'not-json': 'no JSON inside',
    'no-resource': 'without resource',
    mchid: 'mchid',
    appid: 'appid',
    sp_mchid: 'sp_mchid',
    sp_appid: 'sp_appid',
    sub_mchid: 'sub_mchid',
    sub_appid: 'sub_appid',
    unchanged: 'as it is',
    create_time: 'create_time',
    success_time: 'success_time',
    digits: 'digits only: 20180225112233',
    'offset-without-colon': 'offset without colon: +0800',
    milliseconds: 'with milliseconds',
    utc: 'in UTC: …Z',
    missing: 'missing',
    empty: 'empty',
    sm: 'WECHATPAY2-SM2-WITH-SM3',
    partner: 'partner mode',
    combined: 'combined payment',
    'profit-sharing': 'profit sharing',
    OUT_TRADE_NO_USED: 'OUT_TRADE_NO_USED',
    INVALID_REQUEST: 'INVALID_REQUEST',
    pays: 'pays',
    leaves: 'leaves',
  },
  kinds: {
    lose: ['Lost', 'The notification is not sent. “Always” loses it for good.'],
    delay: ['Delayed', 'The notification leaves later, freshly signed.'],
    duplicate: ['Duplicated', 'Several copies leave at once.'],
    reorder: ['Overtaken', 'The notification waits until the next one was delivered.'],
    corrupt: ['Corrupted', 'One byte of the body changes after signing.'],
    reserialise: ['Re-serialised', 'The same JSON arrives in other bytes than were signed.'],
    'stale-clock': ['Wrong clock', 'The timestamp is so many seconds ahead, and properly signed.'],
    probe: [
      'Signature probe',
      'The signature is a SIGNTEST probe; the notification comes again, properly signed.',
    ],
    'wrong-amount': ['Wrong amount', 'The notification tells another total.'],
    'wrong-payee': ['Wrong payee', 'The notification names another mchid or appid, or adds one.'],
    'wrong-state': ['Wrong state', 'A TRANSACTION.SUCCESS notification has another trade_state.'],
    'early-success': ['Early success', 'success_time is so many seconds before the order was opened.'],
    'odd-time': ['Odd time', 'A time is spelled in another way, or missing.'],
    'other-product': ['Other product', 'The resource has the shape of another product.'],
    'reused-id': ['Reused id', 'The notification has the id of the notification of another payment.'],
    'reused-transaction': [
      'Reused transaction',
      'The notification has the transaction_id of another payment.',
    ],
    'signature-type': ['Signature type', 'The header Wechatpay-Signature-Type is empty, missing or another.'],
    'wrong-key': ['Forged', 'An unknown key signed, under a known serial.'],
    'unknown-serial': ['Unknown serial', 'The platform signed, under a serial that nobody knows.'],
    'wrong-apiv3-key': ['Wrong APIv3 key', 'The resource is encrypted with another key.'],
    malformed: ['Malformed', 'The resource has another shape than documented.'],
    'unknown-event': ['Unknown event', 'The notification has another event_type.'],
    slow: ['Slow', 'The call is done and answered after a wait.'],
    error: ['Refused', 'The call is answered with an error; nothing is done.'],
    unsigned: ['Unsigned answer', 'The answer comes without signature headers.'],
    'wrong-signature': ['Forged answer', 'An unknown key signed the answer, under a known serial.'],
    'probe-answer': ['Probed answer', 'The signature of the answer is a SIGNTEST probe.'],
    'drop-before': ['Dropped call', 'The connection breaks before anything is done.'],
    'drop-after': ['Dropped answer', 'The call is done, and the connection breaks before the answer.'],
    'wrong-answer': ['Wrong answer', 'A query tells another total, trade_state, payee or transaction.'],
    'used-number': [
      'Used number',
      'A prepay that is refused because of its number is refused with this code.',
    ],
    'close-race': ['Close race', 'The payer pays while the order is being closed: FREQUENCY_LIMITED.'],
  },
}
