import { expect, test } from 'vitest'
import { answeringServer, sendJson } from '../../test/support/answering-server.ts'
import { startPayment } from './gateway.ts'

const ORDER = {
  id: 'o1',
  outTradeNo: 'TEA20260131-9f86d081884c',
  description: 'Longjing',
  amount: { total: 2_800, currency: 'CNY' },
  status: 'PENDING',
  closeReason: null,
  seq: 2,
  expiresAt: '2026-01-31T11:00:00+08:00',
  paidAt: null,
}
const WECHATPAY = {
  appId: 'wxd678efh567hg6787',
  timeStamp: '1414561699',
  nonceStr: 'n',
  package: 'prepay_id=1',
  signType: 'RSA',
  paySign: 's',
}
const UNAUTHENTICATED = { errors: [{ message: 'No.', extensions: { code: 'UNAUTHENTICATED' } }] }

test('a started payment has the parameters for WeChat', async () => {
  const payment = { wechatpay: { ...WECHATPAY, __typename: 'JsapiParameters' } }
  const endpoint = await answerWith([started({ __typename: 'StartPaymentSuccess', payment })])
  await expect(startPayment(endpoint, 'o1')).resolves.toEqual({ kind: 'parameters', parameters: WECHATPAY })
})

test.each([
  [{ __typename: 'PlatformUnavailable' }, 'unavailable', ''],
  [{ __typename: 'PlatformRefused', code: 'NO_AUTH' }, 'refused', 'NO_AUTH'],
  [{ __typename: 'InvalidInput' }, 'shop', ''],
  [{ __typename: 'StartPaymentSuccess', payment: { wechatpay: null } }, 'shop', ''],
])("%j is a problem, with the platform's code when there is one", async (result, kind, code) => {
  const endpoint = await answerWith([started(result)])
  const expected = { kind: 'problem', problem: { kind, code }, order: null }
  await expect(startPayment(endpoint, 'o1')).resolves.toEqual(expected)
})

test('an order that is not payable comes with the problem', async () => {
  const result = { __typename: 'OrderNotPayable', order: { ...ORDER, status: 'PAID' } }
  const endpoint = await answerWith([started(result)])
  await expect(startPayment(endpoint, 'o1')).resolves.toMatchObject({ order: { status: 'PAID' } })
})

test.each([
  ['an unknown order', started({ __typename: 'NotFound' })],
  ['an expired token', UNAUTHENTICATED],
])('%s refuses the link', async (_, answer) => {
  await expect(startPayment(await answerWith([answer]), 'o1')).resolves.toEqual({ kind: 'link-refused' })
})

test('a payment that could not be asked for is unreachable, and may be tried again', async () => {
  const endpoint = await answerWith(['not GraphQL'])
  await expect(startPayment(endpoint, 'o1')).resolves.toMatchObject({ problem: { kind: 'unreachable' } })
})

function started(result: unknown) {
  return { data: { startPayment: result } }
}

/** Serves the answers in turn. */
async function answerWith(answers: readonly unknown[]) {
  const left = [...answers]
  const { url } = await answeringServer((_request, response) => sendJson(response, left.shift()))
  return { url: `${url}/graphql`, authorization: 'Bearer t' }
}
