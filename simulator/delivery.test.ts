import { expect, it } from 'vitest'
import { afterAttempts, retrySeconds } from './delivery.ts'
import type { Attempt, Notification } from './notification.ts'

const start = '2026-01-01T00:00:00.000Z'
const pending: Notification = {
  id: 'n1',
  mchId: '1900000109',
  outTradeNo: 'T20260101000001',
  eventType: 'TRANSACTION.SUCCESS',
  url: 'http://127.0.0.1:1/notify',
  body: '{}',
  createdAt: start,
  state: 'PENDING',
  attempts: [],
  scheduledTries: 0,
  nextAttemptAt: start,
}

const attempt = (notification: Notification, part: Partial<Attempt>): Attempt => ({
  at: notification.nextAttemptAt ?? start,
  milliseconds: 0,
  manual: false,
  ...part,
})
const fail = (notification: Notification): Notification =>
  afterAttempts(notification, [attempt(notification, { status: 500 })], 1)

it('re-sends 15 times at the offsets that the platform documents, then gives up', () => {
  const offsets: number[] = []
  let notification = fail(pending)
  while (notification.nextAttemptAt !== undefined) {
    offsets.push((new Date(notification.nextAttemptAt).getTime() - new Date(start).getTime()) / 1000)
    notification = fail(notification)
  }
  const documented = [
    15, 30, 60, 240, 840, 2040, 3840, 5640, 7440, 11_040, 21_840, 32_640, 43_440, 65_040, 86_640,
  ]
  expect(offsets).toEqual(documented)
  expect(notification.state).toBe('GAVE_UP')
  expect(notification.attempts).toHaveLength(16)
  expect(retrySeconds).toHaveLength(15)
})

it.each([200, 204])('ends with status %i, whatever the body says', (status) => {
  const after = afterAttempts(pending, [attempt(pending, { status, answer: '{"code":"FAIL"}' })], 1)
  expect(after.state).toBe('DELIVERED')
  expect(after).not.toHaveProperty('nextAttemptAt')
})

it.each([201, 202, 301, 400, 404, 500])('goes on after status %i', (status) => {
  expect(afterAttempts(pending, [attempt(pending, { status })], 1).state).toBe('PENDING')
})

it('leaves the schedule alone when a person sends by hand and fails', () => {
  const waiting = fail(pending)
  const after = afterAttempts(waiting, [attempt(waiting, { status: 500, manual: true })], 1)
  expect(after).toMatchObject({ nextAttemptAt: waiting.nextAttemptAt, scheduledTries: 1 })
})

it('stays delivered when a later attempt fails', () => {
  const delivered = afterAttempts(pending, [attempt(pending, { status: 204 })], 1)
  expect(fail(delivered).state).toBe('DELIVERED')
})
