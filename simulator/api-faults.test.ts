import { describe, expect, it } from 'vitest'
import type { Wechatpay } from 'wechatpay-axios-plugin'
import { Formatter, Rsa } from 'wechatpay-axios-plugin'
import type { NewFault } from './fault-kinds.ts'
import type { Simulator } from './simulator.ts'
import type { PlatformAnswer } from './testing/merchant.ts'
import {
  call,
  clientOf,
  merchant,
  placeOrder,
  prepayBody,
  startSimulator,
  until,
} from './testing/merchant.ts'

const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }
const orderPath = `/v3/pay/transactions/out-trade-no/${ref.outTradeNo}`
const query = `${orderPath}?mchid=${ref.mchId}`
const close = { method: 'POST', path: `${orderPath}/close`, body: { mchid: ref.mchId } } as const

async function startWith(...faults: readonly NewFault[]): Promise<{
  readonly simulator: Simulator
  readonly wxpay: Wechatpay
}> {
  const simulator = await startSimulator()
  await placeOrder(simulator)
  for (const fault of faults) simulator.faults.add(fault)
  return { simulator, wxpay: clientOf(simulator) }
}

const ask = async (wxpay: Wechatpay): Promise<{ readonly status: number; readonly data: unknown }> => {
  const { status, data } = await wxpay.chain(query).get<unknown>()
  return { status, data }
}

function isSignedProperly({ headers, body }: PlatformAnswer, simulator: Simulator): boolean {
  const header = (name: string): string => headers.get(`wechatpay-${name}`) ?? ''
  const message = Formatter.response(header('timestamp'), header('nonce'), JSON.stringify(body))
  return Rsa.verify(message, header('signature'), simulator.platformKey.publicKeyPem)
}

const unpaid = { status: 200, data: { trade_state: 'NOTPAY', amount: { total: 1, currency: 'CNY' } } }

describe('a call under a fault', () => {
  it.each([
    [{ kind: 'unsigned' }, 'EV3_RES_HEADERS_INCOMPLATE'],
    [{ kind: 'wrong-signature' }, 'EV3_RES_HEADER_SIGNATURE_DIGEST'],
    [{ kind: 'probe-answer' }, 'EV3_RES_HEADER_SIGNATURE_DIGEST'],
    [{ kind: 'drop-before' }, 'ECONNRESET'],
    [{ kind: 'drop-after' }, 'ECONNRESET'],
  ] as const)('fails for the merchant, and the next one does not: %o', async (fault, code) => {
    const { simulator, wxpay } = await startWith(fault)
    await expect(ask(wxpay)).rejects.toMatchObject({ code })
    await expect(ask(wxpay)).resolves.toMatchObject(unpaid)
    expect(simulator.faults.list()).toEqual([])
  })

  it('has nothing but the signature wrong', async () => {
    const { simulator } = await startWith(
      { kind: 'unsigned' },
      { kind: 'probe-answer' },
      { kind: 'wrong-signature' },
    )
    const get = (): Promise<PlatformAnswer> => call(simulator, { method: 'GET', path: query })
    const answers = [await get(), await get(), await get(), await get()]
    const [unsigned, probe, forged, sound] = answers
    for (const { status, body } of answers) expect({ status, data: body }).toMatchObject(unpaid)
    expect([...(unsigned?.headers.keys() ?? [])].filter((name) => name.startsWith('wechatpay-'))).toEqual([])
    expect(probe?.headers.get('wechatpay-signature')).toMatch(/^WECHATPAY\/SIGNTEST\/[\w+/]{342}==$/)
    for (const answer of [probe, forged, sound]) {
      expect(answer?.headers.get('wechatpay-serial')).toBe(simulator.platformKey.id)
    }
    expect(answers.map((answer) => isSignedProperly(answer, simulator))).toEqual([false, false, false, true])
  })

  it.each([
    [{ kind: 'wrong-answer' }, 'NOTPAY', 2],
    [{ kind: 'wrong-answer', total: 100 }, 'NOTPAY', 100],
    [{ kind: 'wrong-answer', tradeState: 'HALF_PAID' }, 'HALF_PAID', 1],
    [{ kind: 'wrong-answer', tradeState: 'SUCCESS', total: 7 }, 'SUCCESS', 7],
  ] as const)('is told something else: %o', async (fault, state, total) => {
    const { wxpay } = await startWith(fault)
    const wrong = await ask(wxpay)
    const right = await ask(wxpay)
    expect(right).toMatchObject(unpaid)
    expect(wrong.data).toEqual({
      ...(right.data as object),
      trade_state: state,
      amount: { total, currency: 'CNY' },
    })
  })
})

describe('a query under a fault', () => {
  it.each([
    ['mchid', '1900000100'],
    ['appid', 'wxd678efh567hg6780'],
    ['sp_mchid', '1900000100'],
    ['sub_appid', 'wxd678efh567hg6780'],
  ] as const)('names another payee: %s', async (payee, value) => {
    const { wxpay } = await startWith({ kind: 'wrong-answer', payee })
    const [wrong, right] = [await ask(wxpay), await ask(wxpay)]
    expect(wrong.data).toEqual({ ...(right.data as object), [payee]: value })
  })

  it('tells the transaction of another payment, once there is one', async () => {
    const { simulator, wxpay } = await startWith({ kind: 'wrong-answer', transactionFrom: 'T20260101000002' })
    await placeOrder(simulator, { out_trade_no: 'T20260101000002' })
    await simulator.pay(ref)
    expect(await ask(wxpay)).toMatchObject({ data: { transaction_id: simulator.orders()[0]?.transactionId } })
    const { transactionId } = await simulator.pay({ mchId: ref.mchId, outTradeNo: 'T20260101000002' })
    expect(await ask(wxpay)).toMatchObject({
      data: { out_trade_no: ref.outTradeNo, transaction_id: transactionId, amount: { total: 1 } },
    })
    expect(simulator.faults.list()).toEqual([])
  })
})

const prepay = (change: object) =>
  ({ method: 'POST', path: '/v3/pay/transactions/jsapi', body: prepayBody({ ...change }) }) as const

describe('a number that is used', () => {
  it.each([
    [{ kind: 'used-number' }, 403, 'OUT_TRADE_NO_USED'],
    [{ kind: 'used-number', code: 'INVALID_REQUEST' }, 400, 'INVALID_REQUEST'],
  ] as const)('is refused without a word of what it was used for: %o', async (fault, status, code) => {
    const { simulator } = await startWith({ ...fault, times: 'always' })
    const refused = { status, body: { code, message: expect.stringMatching(/商户订单号重复$/) as string } }
    expect(await call(simulator, prepay({ amount: { total: 2 } }))).toMatchObject(refused)
    expect((await call(simulator, prepay({}))).status).toBe(200)
    await simulator.pay(ref)
    expect(await call(simulator, prepay({}))).toMatchObject(refused)
  })

  it('does not concern numbers that the platform does not know, and other mistakes', async () => {
    const { simulator } = await startWith({ kind: 'used-number' })
    expect((await call(simulator, prepay({ out_trade_no: 'T20260101000002' }))).status).toBe(200)
    expect(simulator.faults.list()).toMatchObject([{ hits: 0 }])
    expect(await call(simulator, prepay({ amount: {} }))).toMatchObject({ body: { code: 'PARAM_ERROR' } })
  })
})

describe('a refusal out of the blue', () => {
  it('is SYSTEM_ERROR, and nothing was done', async () => {
    const { simulator } = await startWith({ kind: 'error', target: { call: 'prepay' } })
    const body = prepayBody({ out_trade_no: 'T20260101000002' })
    const prepay = { method: 'POST', path: '/v3/pay/transactions/jsapi', body } as const
    const answer = await call(simulator, prepay)
    expect(answer).toMatchObject({ status: 500, body: { code: 'SYSTEM_ERROR' } })
    expect(isSignedProperly(answer, simulator)).toBe(true)
    expect(simulator.orders()).toHaveLength(1)
    expect((await call(simulator, prepay)).status).toBe(200)
  })

  it('has the status and code that one asks for', async () => {
    const { simulator } = await startWith({ kind: 'error', status: 429, code: 'RATELIMIT_EXCEEDED' })
    const answer = await call(simulator, { method: 'GET', path: query })
    expect(answer).toMatchObject({ status: 429, body: { code: 'RATELIMIT_EXCEEDED' } })
  })
})

describe('a connection that breaks', () => {
  it.each([
    ['drop-before', 1],
    ['drop-after', 2],
  ] as const)('leaves the merchant in the dark: after %s there are %i orders', async (kind, count) => {
    const { simulator } = await startWith({ kind })
    await expect(placeOrder(simulator, { out_trade_no: 'T20260101000002' })).rejects.toThrow('socket hang up')
    expect(simulator.orders()).toHaveLength(count)
  })
})

describe('a slow call', () => {
  it('is answered late, and rightly', async () => {
    const { wxpay } = await startWith({ kind: 'slow', ms: 300 })
    const startedAt = performance.now()
    expect(await ask(wxpay)).toMatchObject(unpaid)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(295)
  })

  it('is done although the merchant does not wait for it', async () => {
    const { simulator } = await startWith({ kind: 'slow', ms: 86_400_000, target: { call: 'close' } })
    const closing = clientOf(simulator).chain(close.path).post<unknown>(close.body, { timeout: 2000 })
    await expect(closing).rejects.toMatchObject({ code: 'ECONNABORTED' })
    expect(simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
    simulator.faults.remove(simulator.faults.list()[0]?.id ?? '')
    await until(simulator, () => simulator.orders()[0]?.state === 'CLOSED')
  })

  it('does not keep the simulator from closing', async () => {
    const { simulator, wxpay } = await startWith({ kind: 'slow', ms: 86_400_000 })
    const asking = ask(wxpay)
    await until(simulator, () => simulator.faults.list()[0]?.underWay === 1)
    await simulator.close()
    expect(await asking).toMatchObject(unpaid)
  })
})

describe('closing while the payer pays', () => {
  it('is refused for now, and then because the order is paid', async () => {
    const { simulator } = await startWith({ kind: 'close-race' })
    expect(await call(simulator, close)).toMatchObject({ status: 429, body: { code: 'FREQUENCY_LIMITED' } })
    expect(simulator.orders()).toMatchObject([{ state: 'SUCCESS' }])
    expect(simulator.notifications()).toHaveLength(1)
    expect(await call(simulator, close)).toMatchObject({ status: 400, body: { code: 'ORDERPAID' } })
  })

  it('can be done a moment later when the payer leaves', async () => {
    const { simulator } = await startWith({ kind: 'close-race', payer: 'leaves' })
    expect(await call(simulator, close)).toMatchObject({ status: 429, body: { code: 'FREQUENCY_LIMITED' } })
    expect(simulator.notifications()).toHaveLength(0)
    expect((await call(simulator, close)).status).toBe(204)
  })

  it('strikes no other call', async () => {
    const { simulator, wxpay } = await startWith({ kind: 'close-race' }, { kind: 'wrong-answer' })
    expect((await call(simulator, { method: 'GET', path: '/v3/certificates' })).status).toBe(404)
    expect(simulator.faults.list()).toHaveLength(2)
    expect(await ask(wxpay)).toMatchObject({ data: { amount: { total: 2 } } })
    expect(simulator.faults.list()).toMatchObject([{ kind: 'close-race' }])
  })
})

describe('the target of a fault', () => {
  const struck = { status: 503, body: { code: 'SYSTEM_ERROR' } }

  it.each(['prepay', 'query', 'close', 'certificates'] as const)(
    'can be one kind of call: %s',
    async (kind) => {
      const { simulator } = await startWith({
        kind: 'error',
        status: 503,
        times: 'always',
        target: { call: kind },
      })
      const calls = {
        prepay: { method: 'POST', path: '/v3/pay/transactions/jsapi', body: prepayBody() },
        query: { method: 'GET', path: query },
        certificates: { method: 'GET', path: '/v3/certificates' },
        close,
      } as const
      for (const [name, request] of Object.entries(calls)) {
        const { status } = await call(simulator, request)
        expect(status === 503, name).toBe(name === kind)
      }
    },
  )

  it('can be one order, whatever it is named by', async () => {
    const { simulator } = await startWith()
    await placeOrder(simulator, { out_trade_no: 'T20260101000002' })
    const { transactionId } = await simulator.pay(ref)
    simulator.faults.add({ kind: 'error', status: 503, times: 'always', target: ref })
    const byId = `/v3/pay/transactions/id/${transactionId}?mchid=${ref.mchId}`
    for (const request of [
      { method: 'GET', path: query },
      { method: 'GET', path: byId },
      { method: 'POST', path: '/v3/pay/transactions/jsapi', body: prepayBody() },
      close,
    ] as const) {
      expect(await call(simulator, request)).toMatchObject(struck)
    }
    const other = query.replace(ref.outTradeNo, 'T20260101000002')
    expect((await call(simulator, { method: 'GET', path: other })).status).toBe(200)
  })
})
