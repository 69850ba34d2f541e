import { expect, onTestFinished } from 'vitest'
import { toFen } from '../../../domain/money.ts'
import type { Prepaid, PrepayRequest } from '../../platform.ts'
import type { WechatpayAccount, WechatpayDeps } from '../account.ts'
import { createWechatpay } from '../wechatpay.ts'
import { testAccount, testDeps } from './account.ts'
import type { SeenRequest } from './platform-server.ts'
import { signedReply } from './platform-server.ts'

/** A payment to open. */
export const REQUEST: PrepayRequest = {
  platformTradeNo: 'T20260101000001',
  description: '一杯茶',
  amount: { total: toFen(100), currency: 'CNY' },
  expiresAt: new Date('2026-01-01T00:30:00.789+08:00'),
  appId: 'wxd678efh567hg6787',
  payerId: 'o-test-payer',
}

/** The platform's answer to it. */
export const PREPAID = signedReply('{"prepay_id":"wx201410272009395522657a690389285100"}')

/** Opens the payment at the platform of this address. */
export function prepayAt(
  apiBaseUrl: string,
  deps: Partial<WechatpayDeps> = {},
  account: Partial<WechatpayAccount> = {},
): Promise<Prepaid> {
  const platform = createWechatpay(testAccount({ apiBaseUrl, ...account }), testDeps(deps))
  onTestFinished(() => platform.disconnect())
  return platform.prepay(REQUEST)
}

/** The attributes of a request's Authorization header. */
export function attributesOf(request: SeenRequest | undefined): Record<string, string> {
  const [scheme, list = ''] = (request?.headers.authorization ?? '').split(/ (.*)/)
  expect(scheme).toBe('WECHATPAY2-SHA256-RSA2048')
  return Object.fromEntries(
    [...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
}
