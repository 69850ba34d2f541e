import { expect, onTestFinished } from 'vitest'
import type { Explanation } from '../../../domain/explanation.ts'
import type { MerchantPlatform, NotificationReading, RawNotification } from '../../platform.ts'
import type { WechatpayAccount, WechatpayDeps } from '../account.ts'
import { createWechatpay } from '../wechatpay.ts'
import { API_V3_KEY, testAccount, testDeps } from './account.ts'
import { noticeOf, PAYMENT } from './notice.ts'

/** What an account may differ in from the tests' own. */
export interface Reader {
  readonly account?: Partial<WechatpayAccount>
  readonly deps?: Partial<WechatpayDeps>
}

/** Opens an account for one test. */
export function openAccount({ account, deps }: Reader = {}): MerchantPlatform {
  const platform = createWechatpay(testAccount(account), testDeps(deps))
  onTestFinished(() => platform.disconnect())
  return platform
}

/** What the tests' account says of a notification. */
export function read(notice: RawNotification, reader?: Reader): Promise<NotificationReading> {
  return openAccount(reader).readNotification(notice)
}

function explanationOf(reading: Exclude<NotificationReading, { verdict: 'VERIFIED' }>): Explanation {
  return 'explain' in reading ? reading.explain() : reading.explanation
}

/** The explanation of a reading that has one; it is checked to be one sentence in each language, without secrets. */
export function explanationIn(reading: NotificationReading): Explanation {
  const explanation = reading.verdict === 'VERIFIED' ? { en: '', zh: '' } : explanationOf(reading)
  expect(explanation.en).toMatch(/^[A-Z][^.]*(?:\.\w[^.]*)*\.$/)
  expect(explanation.zh).toMatch(/^[^。]*\p{Script=Han}[^。]*。$/u)
  for (const secret of [PAYMENT.payer.openid, API_V3_KEY.toString()]) {
    expect(explanation.en + explanation.zh).not.toContain(secret)
  }
  return explanation
}

/** The reason of a notification that must get this verdict; it is checked to be one sentence without secrets. */
export async function reasonOf(
  notice: RawNotification,
  verdict: NotificationReading['verdict'],
): Promise<string> {
  const reading = await read(notice)
  expect(reading.verdict).toBe(verdict)
  const reason = 'reason' in reading ? reading.reason : ''
  expect(reason).toMatch(/^[A-Z].*\.$/)
  expect(reason).not.toContain(PAYMENT.payer.openid)
  expect(reason).not.toContain(API_V3_KEY.toString())
  explanationIn(reading)
  return reason
}

/** What a notification of this resource reports; it must be verified. */
export async function factOf(resource: unknown) {
  const reading = await read(noticeOf(resource))
  expect(reading.verdict).toBe('VERIFIED')
  return reading.verdict === 'VERIFIED' ? reading.fact : undefined
}
