import { expect } from 'vitest'
import { rowsOf } from './database.ts'
import { openGateway, type TestGateway } from './gateway.ts'
import type { Notice, NoticeAnswer } from './notification.ts'
import { payableOrder, readOrder, type OrderView } from './orders.ts'

/** A gateway whose clock stands still, so that limits of time can be met exactly, and an order that could be paid. */
export async function payable() {
  const at = new Date()
  const gateway = await openGateway({ now: () => at })
  const { order } = await payableOrder(gateway)
  return { gateway, order }
}

/** The same notice with the headers of one name replaced by these values: none, one, or several. */
export function withHeader(notice: Notice, name: string, ...values: readonly string[]): Notice {
  const others = notice.headers.filter(([sent]) => sent !== name)
  return { ...notice, headers: [...others, ...values.map((value) => [name, value] as const)] }
}

/** The answer must be a refusal: this status, and one sentence without secrets. */
export function expectFail(
  { merchant, operatorKey }: TestGateway,
  answer: NoticeAnswer,
  status: number,
): void {
  expect(answer).toMatchObject({ status, body: { code: 'FAIL', message: expect.any(String) } })
  const { message, ...others } = answer.body ?? {}
  expect(others).toEqual({ code: 'FAIL' })
  expect(message).toMatch(/^[A-Z][^\n]*\.$/)
  expect(message).not.toMatch(/[.!?] |\bat \w+ \(|o-payer/)
  for (const secret of [merchant.apiV3Key, merchant.apiKey, operatorKey])
    expect(message).not.toContain(secret)
}

/** The order must be as it was when nobody had paid it. */
export async function expectUntouched(gateway: TestGateway, order: OrderView): Promise<void> {
  expect(order).toMatchObject({ status: 'PENDING', seq: 2 })
  expect(await readOrder(gateway, order.id)).toEqual(order)
}

/** Neither the inbox nor the log of rejected notifications has a row. */
export async function expectNothingKept({ databaseUri }: Pick<TestGateway, 'databaseUri'>): Promise<void> {
  for (const kept of ['notifications', 'rejectedNotifications'] as const) {
    expect(await rowsOf(databaseUri, kept)).toEqual([])
  }
}

/** The notice must lie, as it came, in the bounded log of refusals, and nowhere else. */
export async function expectOnlyRejected(
  gateway: TestGateway,
  verdict: string,
  notice: Notice,
): Promise<void> {
  expect(await rowsOf(gateway.databaseUri, 'notifications')).toEqual([])
  const [row, ...more] = await rowsOf(gateway.databaseUri, 'rejectedNotifications')
  expect(more).toEqual([])
  const rawBody = Buffer.from(notice.body)
  expect(row).toMatchObject({ platform: 'WECHATPAY', merchantId: 'acme', verdict, rawBody })
  for (const [name, value] of notice.headers) expect(row?.['rawHeaders']).toContainEqual([name, value])
}
