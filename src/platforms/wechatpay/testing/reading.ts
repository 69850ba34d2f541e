import { expect, onTestFinished } from 'vitest'
import type { NotificationReading, RawNotification } from '../../platform.ts'
import { createWechatpay } from '../wechatpay.ts'
import { API_V3_KEY, testAccount, testDeps } from './account.ts'
import { noticeOf, PAYMENT } from './notice.ts'

/** What the tests' account says of a notification. */
export function read(notice: RawNotification): Promise<NotificationReading> {
  const platform = createWechatpay(testAccount(), testDeps())
  onTestFinished(() => platform.close())
  return platform.readNotification(notice)
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
  return reason
}

/** What a notification of this resource reports; it must be verified. */
export async function factOf(resource: unknown) {
  const reading = await read(noticeOf(resource))
  expect(reading.verdict).toBe('VERIFIED')
  return reading.verdict === 'VERIFIED' ? reading.fact : undefined
}
