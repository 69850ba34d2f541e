// Writes test/vectors/v3-notify.json: notifications of WeChat Pay API v3, one whole and the others with one thing
// broken each, with the verdict that a reader must come to. The keys are made here and thrown away: the file holds the
// public key and an APIv3 key that guards nothing. The code is written apart from the gateway's, on purpose.
//
//   node scripts/make-vectors.mjs

import { createCipheriv, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(new URL('../test/vectors/v3-notify.json', import.meta.url))
const NOW = 1767196800
const KEY_ID = 'PUB_KEY_ID_0119000001092026010100000001'
const API_V3_KEY = randomBytes(16).toString('hex')
const MCH_ID = '1900000109'
const APP_ID = 'wxd678efh567hg6787'

const platform = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })

const payment = {
  mchid: MCH_ID,
  appid: APP_ID,
  out_trade_no: 'T20260101000001',
  transaction_id: '4200000000202601010000000001',
  trade_type: 'JSAPI',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'OTHERS',
  attach: '',
  success_time: '2026-01-01T00:00:00+08:00',
  payer: { openid: 'o-vector-payer' },
  amount: { total: 100, payer_total: 90, currency: 'CNY', payer_currency: 'CNY' },
}

const refund = {
  mchid: MCH_ID,
  out_trade_no: payment.out_trade_no,
  transaction_id: payment.transaction_id,
  out_refund_no: 'R1',
  refund_id: '50200207182018070300011301001',
  refund_status: 'SUCCESS',
  success_time: '2026-01-01T00:05:00+08:00',
  user_received_account: '支付用户零钱',
  amount: { total: 100, refund: 100, payer_total: 90, payer_refund: 90 },
}

const combined = {
  combine_appid: APP_ID,
  combine_mchid: MCH_ID,
  combine_out_trade_no: 'C20260101000001',
  sub_orders: [{ mchid: MCH_ID, out_trade_no: 'T1', trade_state: 'SUCCESS', amount: { total_amount: 100 } }],
}

function seal(plaintext, { apiV3Key = API_V3_KEY, associatedData = 'transaction' } = {}) {
  const nonce = randomBytes(6).toString('hex')
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce)
  cipher.setAAD(Buffer.from(associatedData))
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return {
    original_type: 'transaction',
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: sealed.toString('base64'),
    associated_data: associatedData,
    nonce,
  }
}

function envelopeOf(resource, eventType = 'TRANSACTION.SUCCESS') {
  return {
    id: '11111111-1111-5111-8111-111111111111',
    create_time: '2026-01-01T00:00:00+08:00',
    resource_type: 'encrypt-resource',
    event_type: eventType,
    summary: '支付成功',
    resource,
  }
}

const bodyOf = (content, eventType) => JSON.stringify(envelopeOf(seal(JSON.stringify(content)), eventType))

function signed(body, { timestamp = NOW, privateKey = platform.privateKey } = {}) {
  const nonce = randomBytes(16).toString('hex')
  const message = [timestamp, nonce, body].map((line) => `${line}\n`).join('')
  const headers = {
    'Content-Type': 'application/json',
    'Wechatpay-Timestamp': String(timestamp),
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': KEY_ID,
    'Wechatpay-Signature': sign('sha256', Buffer.from(message), privateKey).toString('base64'),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
  }
  return { headers: Object.entries(headers), body }
}

const whole = signed(bodyOf(payment))
const drop = (name) => ({ ...whole, headers: whole.headers.filter(([sent]) => sent !== name) })
const set = (name, value) => ({
  ...whole,
  headers: whole.headers.map(([sent, was]) => [sent, sent === name ? value : was]),
})
const double = (name) => ({
  ...whole,
  headers: [...whole.headers, ...whole.headers.filter(([sent]) => sent === name)],
})
const sealedAs = (change) =>
  signed(JSON.stringify(envelopeOf({ ...seal(JSON.stringify(payment)), ...change })))
const paying = (change) => signed(bodyOf({ ...payment, ...change }))

const paid = { paid: true, payeeIsOurs: true }
const unpaid = { paid: false }

// [name, notification, verdict, what else to expect]
const cases = [
  ['a payment', whole, 'VERIFIED', paid],
  ['a payment, pretty-printed', signed(JSON.stringify(JSON.parse(whole.body), null, 4)), 'VERIFIED', paid],
  ['a payment, without a signature type', drop('Wechatpay-Signature-Type'), 'VERIFIED', paid],
  ['a payment, 299 s old', signed(bodyOf(payment), { timestamp: NOW - 299 }), 'VERIFIED', paid],
  [
    'a payment, sealed without associated data',
    signed(JSON.stringify(envelopeOf(seal(JSON.stringify(payment), { associatedData: '' })))),
    'VERIFIED',
    paid,
  ],
  ['a payment under an unknown event type', signed(bodyOf(payment, 'NEW.TYPE')), 'VERIFIED'],
  [
    'a payment to another merchant',
    paying({ mchid: '1900000999' }),
    'VERIFIED',
    { paid: true, payeeIsOurs: false },
  ],
  [
    'a payment in another app',
    paying({ appid: 'wxffffffffffffffff' }),
    'VERIFIED',
    { paid: true, payeeIsOurs: false },
  ],
  ['a transaction that is not paid', paying({ trade_state: 'CLOSED' }), 'VERIFIED', unpaid],
  ['a refund', signed(bodyOf(refund, 'REFUND.SUCCESS')), 'VERIFIED', unpaid],
  ['a combined payment', signed(bodyOf(combined)), 'VERIFIED', unpaid],
  ['no timestamp', drop('Wechatpay-Timestamp'), 'MALFORMED'],
  ['no nonce', drop('Wechatpay-Nonce'), 'MALFORMED'],
  ['no serial', drop('Wechatpay-Serial'), 'MALFORMED'],
  ['no signature', drop('Wechatpay-Signature'), 'MALFORMED'],
  ['two timestamps', double('Wechatpay-Timestamp'), 'MALFORMED'],
  ['two signatures', double('Wechatpay-Signature'), 'MALFORMED'],
  ['a timestamp that is no number', set('Wechatpay-Timestamp', '2026-01-01T00:00:00+08:00'), 'MALFORMED'],
  ['a probe', set('Wechatpay-Signature', `WECHATPAY/SIGNTEST/${'A'.repeat(325)}`), 'PROBE'],
  ['300 s old', signed(bodyOf(payment), { timestamp: NOW - 300 }), 'STALE_TIMESTAMP'],
  ['300 s ahead', signed(bodyOf(payment), { timestamp: NOW + 300 }), 'STALE_TIMESTAMP'],
  ['another signature scheme', set('Wechatpay-Signature-Type', 'WECHATPAY2-SM2-WITH-SM3'), 'UNKNOWN_KEY'],
  ['an unknown key', set('Wechatpay-Serial', 'PUB_KEY_ID_0000000000000000000000000000000'), 'UNKNOWN_KEY'],
  ['signed by a stranger', signed(whole.body, { privateKey: stranger.privateKey }), 'BAD_SIGNATURE'],
  [
    'one byte of the body changed',
    { ...whole, body: whole.body.replace('"id":"1', '"id":"2') },
    'BAD_SIGNATURE',
  ],
  [
    'the body written anew',
    { ...whole, body: JSON.stringify(JSON.parse(whole.body), null, 1) },
    'BAD_SIGNATURE',
  ],
  ['another nonce', set('Wechatpay-Nonce', '0'.repeat(32)), 'BAD_SIGNATURE'],
  ['another timestamp', set('Wechatpay-Timestamp', String(NOW + 1)), 'BAD_SIGNATURE'],
  ['a signature that is no Base64', set('Wechatpay-Signature', 'not base64'), 'BAD_SIGNATURE'],
  [
    'junk behind the signature',
    set('Wechatpay-Signature', `${Object.fromEntries(whole.headers)['Wechatpay-Signature']}!`),
    'BAD_SIGNATURE',
  ],
  ['an empty body', signed(''), 'UNREADABLE'],
  ['a body that is no JSON', signed('{'), 'UNREADABLE'],
  [
    'a body without a resource',
    signed(JSON.stringify({ ...envelopeOf({}), resource: undefined })),
    'UNREADABLE',
  ],
  ['another cipher', sealedAs({ algorithm: 'AEAD_SM4_GCM' }), 'UNDECRYPTABLE'],
  ['sealed with another key', sealedAs(seal('{}', { apiV3Key: 'x'.repeat(32) })), 'UNDECRYPTABLE'],
  ['other associated data', sealedAs({ associated_data: 'refund' }), 'UNDECRYPTABLE'],
  ['a cut ciphertext', sealedAs({ ciphertext: 'AAAA' }), 'UNDECRYPTABLE'],
  ['a sealed text that is no JSON', signed(JSON.stringify(envelopeOf(seal('hello')))), 'UNREADABLE'],
  ['a payment without an amount', paying({ amount: undefined }), 'UNREADABLE'],
  ['a payment of half a fen', paying({ amount: { total: 0.5 } }), 'UNREADABLE'],
]

const vectors = {
  about: 'Made by scripts/make-vectors.mjs with throw-away keys. `now` is in Unix seconds.',
  now: NOW,
  mchId: MCH_ID,
  appId: APP_ID,
  apiV3Key: API_V3_KEY,
  platformKeyId: KEY_ID,
  platformPublicKey: platform.publicKey.export({ type: 'spki', format: 'pem' }),
  cases: cases.map(([name, notification, verdict, expected]) => ({
    name,
    verdict,
    ...expected,
    ...notification,
  })),
}

mkdirSync(dirname(FILE), { recursive: true })
writeFileSync(FILE, `${JSON.stringify(vectors, null, 2)}\n`)
