import { afterEach, expect, test, vi } from 'vitest'
import { recordedLog } from '../../test/support/recorded-log.ts'
import { createNotificationLines, type LineFields } from './notification-lines.ts'

afterEach(() => void vi.useRealTimers())

function opened() {
  const clock = { ms: 0 }
  const { log, lines } = recordedLog()
  const { write, close } = createNotificationLines(log, () => clock.ms)
  function writeMany(count: number, fields: Partial<LineFields>): void {
    for (let index = 0; index < count; index += 1) write({ ...refused, ...fields })
  }
  return { lines, write, writeMany, close, pass: (ms: number) => void (clock.ms += ms) }
}

const refused: LineFields = {
  platform: 'WECHATPAY',
  merchantId: 'acme',
  requestId: undefined,
  situation: 'BAD_SIGNATURE',
  reason: 'It is wrong.',
  signature: 'invalid',
  status: 401,
  ms: 1,
}

test('refusals have a bounded number of lines a second, and one that counts the rest', () => {
  vi.useFakeTimers()
  const { lines, writeMany, pass } = opened()
  writeMany(1000, {})
  writeMany(100, { situation: 'UNSIGNED', status: 400 })
  expect(lines).toHaveLength(20)
  pass(3000)
  writeMany(1000, {})
  expect(lines).toHaveLength(23)
  vi.advanceTimersByTime(10_000)
  const counts = { BAD_SIGNATURE: 1987, UNSIGNED: 90 }
  expect(lines.at(-1)).toMatchObject({ level: 'warn', fields: { counts } })
  vi.advanceTimersByTime(60_000)
  expect(lines).toHaveLength(24)
})

test('what the platform signed is neither hidden by noise nor counted with it', () => {
  const { lines, writeMany, close } = opened()
  writeMany(1000, { situation: 'STALE_TIMESTAMP' })
  writeMany(1, { situation: 'STALE_TIMESTAMP', signature: 'valid' })
  expect(lines.at(-1)).toMatchObject({ fields: { signature: 'valid' } })
  close()
  expect(lines.at(-1)).toMatchObject({ fields: { counts: { STALE_TIMESTAMP: 990 } } })
})

test('what was taken in has a line of its own, always', () => {
  const { lines, writeMany, close } = opened()
  writeMany(50, { situation: 'APPLIED', status: 204, notificationId: 'a' })
  writeMany(50, { situation: 'UNDECRYPTABLE', status: 500, notificationId: 'a' })
  close()
  expect(lines).toHaveLength(100)
})

test('there is no summary of nothing', () => {
  const { lines, close } = opened()
  close()
  expect(lines).toEqual([])
})
