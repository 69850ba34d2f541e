import { describe, expect, it } from 'vitest'
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { z } from 'zod'
import {
  call,
  clientOf,
  merchant,
  placeOrder,
  prepayBody,
  shareSimulator,
  startSimulator,
} from './testing/merchant.ts'

const jsapi = '/v3/pay/transactions/jsapi'
const query = `/v3/pay/transactions/out-trade-no/T20260101000001?mchid=${merchant.mchId}`
const close = '/v3/pay/transactions/out-trade-no/T20260101000001/close'
const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }

describe('a client of another maker', () => {
  it('places, queries, pays and queries again, and accepts every signature', async () => {
    const simulator = await startSimulator()
    const wxpay = clientOf(simulator)
    expect(await placeOrder(simulator)).toMatch(/^wx\d{14}[0-9a-z]{20}$/)
    const unpaid = await wxpay.chain(query).get<Record<string, unknown>>()
    expect(unpaid.data).toEqual({
      appid: 'wxd678efh567hg6787',
      mchid: merchant.mchId,
      out_trade_no: 'T20260101000001',
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
      amount: { total: 1, currency: 'CNY' },
    })
    const { transactionId } = await simulator.pay(ref)
    expect(transactionId).toMatch(/^4200\d{24}$/)
    const path = `v3/pay/transactions/id/${transactionId}?mchid=${merchant.mchId}`
    const paid = await wxpay.chain(path).get<Record<string, unknown>>()
    expect(paid.data).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'JSAPI',
      transaction_id: transactionId,
    })
  })

  it('closes an unpaid order, twice, with empty signed answers', async () => {
    const simulator = await startSimulator()
    await placeOrder(simulator)
    for (const body of [{ mchid: merchant.mchId }, { mchid: merchant.mchId }]) {
      expect((await clientOf(simulator).chain(close).post<unknown>(body)).status).toBe(204)
    }
    const again = await call(simulator, { method: 'POST', path: jsapi, body: prepayBody() })
    expect(again).toMatchObject({ status: 400, body: { code: 'ORDER_CLOSED' } })
  })

  it('is given the platform certificate, encrypted, where certificates are in use', async () => {
    const simulator = await startSimulator({ signWith: 'certificate' })
    const { serialNo, pem } = simulator.certificate
    const wxpay = clientOf(simulator, { [serialNo]: pem })
    const { data } = await wxpay.chain('v3/certificates').get<unknown>()
    const text = z.string()
    const sealed = z.object({ nonce: text, ciphertext: text, associated_data: z.literal('certificate') })
    const list = z.object({ data: z.tuple([z.object({ serial_no: text, encrypt_certificate: sealed })]) })
    const [entry] = list.parse(data).data
    const { nonce, ciphertext, associated_data: aad } = entry.encrypt_certificate
    expect(Aes.AesGcm.decrypt(ciphertext, merchant.apiV3Key, nonce, aad)).toBe(pem)
    expect(entry.serial_no).toBe(serialNo)
  })
})

describe('signed answers', () => {
  it('use the key that the caller names, also on refusals', async () => {
    const simulator = await startSimulator()
    const keys = [
      [simulator.platformKey.id, simulator.platformKey.publicKeyPem],
      [simulator.certificate.serialNo, simulator.certificate.pem],
    ] as const
    for (const [serial, pem] of keys) {
      const headers = { 'Wechatpay-Serial': serial }
      const answer = await call(simulator, { method: 'GET', path: '/v3/certificates' }, { headers })
      expect(answer).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_EXISTS' } })
      const header = (name: string): string => answer.headers.get(`wechatpay-${name}`) ?? ''
      const message = Formatter.response(header('timestamp'), header('nonce'), JSON.stringify(answer.body))
      expect(header('serial')).toBe(serial)
      expect(Rsa.verify(message, header('signature'), pem)).toBe(true)
      expect(header('signature-type')).toBe('WECHATPAY2-SHA256-RSA2048')
      expect(answer.headers.get('request-id')).toMatch(/^08[0-9A-F]{38}-\d+$/)
    }
  })

  it('fall back to the configured key for a serial that is not ours', async () => {
    const simulator = await startSimulator()
    const headers = { 'Wechatpay-Serial': 'PUB_KEY_ID_0' }
    const answer = await call(simulator, { method: 'GET', path: query }, { headers })
    expect(answer.headers.get('wechatpay-serial')).toBe(simulator.platformKey.id)
  })
})

describe('the Authorization header', () => {
  const simulatorOf = shareSimulator()
  const spoilt = [
    [
      'a body that is not the one that was signed',
      { sentBody: JSON.stringify(prepayBody({ attach: 'x' })) },
      'signature',
    ],
    ['the serial number of another certificate', { serial: 'FFFF' }, 'serial_no'],
    ['a merchant that is not known', { mchId: '1900000110' }, 'mchid'],
    ['a time 310 s ago', { clockSkew: -310 }, 'timestamp'],
    ['a time 310 s ahead', { clockSkew: 310 }, 'timestamp'],
    ['another scheme', { headers: { Authorization: 'Bearer x' } }, 'Authorization'],
  ] as const

  it.each(spoilt)('is refused with %s', async (_what, tampering, field) => {
    const simulator = simulatorOf()
    const answer = await call(simulator, { method: 'POST', path: jsapi, body: prepayBody() }, tampering)
    expect(answer).toMatchObject({
      status: 401,
      body: { code: 'SIGN_ERROR', detail: { field, location: 'authorization' } },
    })
    expect(simulator.orders()).toHaveLength(0)
  })

  it('is accepted 290 s off, and its mistakes show what was verified', async () => {
    const simulator = await startSimulator()
    const request = { method: 'POST', path: jsapi, body: prepayBody() } as const
    expect((await call(simulator, request, { clockSkew: -290 })).status).toBe(200)
    const refused = await call(simulator, request, { sentBody: '{"a":1}' })
    expect(refused.body).toMatchObject({
      message: '错误的签名，验签失败',
      detail: { sign_information: { method: 'POST', url: jsapi } },
    })
  })
})

describe('the time of an answer', () => {
  it("is that of the simulator's clock", async () => {
    const simulator = await startSimulator({ now: () => new Date('2026-01-01T00:00:00Z') })
    const answer = await call(simulator, { method: 'GET', path: query })
    expect(answer.headers.get('date')).toBe('Thu, 01 Jan 2026 00:00:00 GMT')
  })
})

describe('the other headers', () => {
  const simulatorOf = shareSimulator()
  it.each([
    ['Accept', 'text/html'],
    ['User-Agent', ''],
    ['Content-Type', 'text/plain'],
  ])('are checked: %s may not be "%s"', async (name, value) => {
    const simulator = simulatorOf()
    const request = { method: 'POST', path: jsapi, body: prepayBody() } as const
    const answer = await call(simulator, request, { headers: { [name]: value } })
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'PARAM_ERROR', detail: { field: name, location: 'header' } },
    })
  })
})

describe('unknown things', () => {
  it("are answered with the platform's codes", async () => {
    const simulator = await startSimulator()
    const cases = [
      [await call(simulator, { method: 'GET', path: query }), 404, 'ORDER_NOT_EXIST'],
      [await call(simulator, { method: 'GET', path: '/v3/nowhere' }), 404, 'NOT_FOUND'],
      [await call(simulator, { method: 'GET', path: jsapi }), 405, 'METHOD_NOT_ALLOWED'],
      [await call(simulator, { method: 'GET', path: query.replace(/\?.*/, '') }), 400, 'PARAM_ERROR'],
      [await call(simulator, { method: 'POST', path: close, body: { mchid: '1' } }), 400, 'PARAM_ERROR'],
    ] as const
    for (const [answer, status, code] of cases) expect(answer).toMatchObject({ status, body: { code } })
  })
})
