import mongoose from 'mongoose'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabaseUri } from '../../test/support/database.ts'
import { prepareCollection } from './prepare.ts'
import { REJECTIONS, type Rejection } from './rejection-record.ts'
import { REJECTION_SHARES } from './rejection-room.ts'
import { rejectionLog } from './rejection.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const DAY_MS = 24 * 60 * 60 * 1000

async function opened() {
  const connection = await mongoose.createConnection(freshDatabaseUri()).asPromise()
  onTestFinished(() => connection.close())
  const log = rejectionLog(connection)
  await prepareCollection(connection.getClient().db(), REJECTIONS, { info: () => undefined })
  async function rows(merchantId = 'acme') {
    const list = await log.list({ merchantId }, { first: 10_000 })
    return list.map(({ rawBody }) => rawBody.toString()).reverse()
  }
  return { log, rows }
}

type Changes = Partial<Rejection> & { readonly text?: string }

function rejection({ text = '{}', ...changes }: Changes = {}): Rejection {
  return {
    platform: 'WECHATPAY',
    merchantId: 'acme',
    verdict: 'BAD_SIGNATURE',
    signature: 'invalid',
    fingerprint: null,
    receivedAt: NOW,
    rawHeaders: [['a', 'b']],
    rawBody: Buffer.from(text),
    explain: () => ({ en: 'It is wrong.', zh: '错误。' }),
    findOrderId: async () => null,
    ...changes,
  }
}

type Store = Awaited<ReturnType<typeof opened>>['log']

/** Adds so many, one after the other, each with its number for a body. */
async function addMany(log: Store, count: number, changes: Changes): Promise<number> {
  let kept = 0
  for (let index = 0; index < count; index += 1) {
    const added = await log.add(rejection({ text: String(index), ...changes }))
    if (added !== undefined) kept += 1
  }
  return kept
}

test('an address replaces its own oldest noise, and takes a part of the share only', async () => {
  const { log, rows } = await opened()
  const { rowsPerAddress } = REJECTION_SHARES.invalid
  await log.add(rejection({ text: 'another', address: '192.0.2.1' }))
  expect(await addMany(log, 70, { address: '198.51.100.7' })).toBe(70)
  const own = Array.from({ length: 50 }, (_row, index) => String(20 + index))
  expect(rowsPerAddress).toBe(50)
  expect(await rows()).toEqual(['another', ...own])
})

test('noise of many addresses replaces the oldest noise of its merchant, and nothing else', async () => {
  const { log, rows } = await opened()
  const others = [
    { text: 'signed', signature: 'valid' },
    { text: 'unknown key', signature: 'key-unknown', address: '192.0.2.1' },
    { text: 'of another merchant', merchantId: 'brew', address: '192.0.2.1' },
  ] as const
  for (const other of others) await log.add(rejection(other))
  for (let index = 0; index < 230; index += 1) {
    await log.add(rejection({ text: String(index), address: `198.51.100.${index}` }))
  }
  const newest = Array.from({ length: REJECTION_SHARES.invalid.rows }, (_row, index) => String(30 + index))
  expect(await rows()).toEqual(['signed', 'unknown key', ...newest])
  expect(await rows('brew')).toEqual(['of another merchant'])
})

function texts(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_row, index) => String(from + index))
}

test('of messages with unknown keys the first are kept for a week, and the last are there, however many come', async () => {
  const { log, rows } = await opened()
  const changes = { signature: 'key-unknown', address: '198.51.100.7' } as const
  expect(await addMany(log, 70, changes)).toBe(70)
  expect(await rows()).toEqual([...texts(0, 40), ...texts(60, 70)])
  const before = new Date(NOW.getTime() + 7 * DAY_MS - 1)
  await log.add(rejection({ ...changes, text: 'early', receivedAt: before }))
  expect(await rows()).toEqual([...texts(0, 40), ...texts(61, 70), 'early'])
  const after = new Date(NOW.getTime() + 7 * DAY_MS)
  await log.add(rejection({ ...changes, text: 'late', receivedAt: after }))
  expect(await rows()).toEqual([...texts(1, 40), ...texts(61, 70), 'early', 'late'])
})

test('a stranger with many addresses keeps no new message with an unknown key out, and deletes none', async () => {
  const { log, rows } = await opened()
  await log.add(rejection({ text: 'first', signature: 'key-unknown', address: '192.0.2.1' }))
  for (let index = 0; index < 520; index += 1) {
    const address = `2001:db8:0:${index % 20}::/64`
    await log.add(rejection({ text: String(index), signature: 'key-unknown', address }))
  }
  await log.add(rejection({ text: 'last', signature: 'key-unknown', address: '192.0.2.1' }))
  const kept = await rows()
  expect([kept.length, kept.at(0), kept.at(-1)]).toEqual([500, 'first', 'last'])
})

test('unknown keys from many addresses have a bound together', async () => {
  const { log, rows } = await opened()
  const { rows: bound } = REJECTION_SHARES['key-unknown']
  for (let index = 0; index < bound + 20; index += 1) {
    const address = `2001:db8:0:${index % 100}::/64`
    await log.add(rejection({ text: String(index), signature: 'key-unknown', address }))
  }
  expect(await rows()).toHaveLength(bound)
  expect(await log.count({ merchantId: 'acme' })).toBe(bound)
})

test('the same message again is counted on its first row, also when all come at once', async () => {
  const { log } = await opened()
  const later = new Date(NOW.getTime() + 1000)
  let explained = 0
  const explanation = { en: 'It is stale.', zh: '已过期。' }
  const explain = () => {
    explained += 1
    return explanation
  }
  const message = { signature: 'valid', fingerprint: 'same', explain } as const
  expect(await log.add(rejection(message))).toEqual(explanation)
  await Promise.all(Array.from({ length: 5 }, () => log.add(rejection({ ...message, receivedAt: later }))))
  const twin = { signature: 'key-unknown', fingerprint: 'twin' } as const
  await Promise.all(Array.from({ length: 5 }, () => log.add(rejection(twin))))
  const rows = await log.list({}, { first: 10 })
  expect(rows).toMatchObject([
    { attempts: 5 },
    { attempts: 6, receivedAt: NOW, lastReceivedAt: later, explanation },
  ])
  expect(explained).toBe(1)
})

test('a cut message is read back as it is kept', async () => {
  const { log } = await opened()
  await log.add(rejection({ text: 'x'.repeat(20_000) }))
  const [row] = await log.list({}, { first: 1 })
  expect(row).toMatchObject({ rawBody: Buffer.alloc(8192, 'x'), cutFrom: { bodyBytes: 20_000, headers: 1 } })
  expect(await log.byId(row?.id ?? '')).toEqual(row)
})
