import mongoose, { type mongo } from 'mongoose'
import { expect, onTestFinished, test } from 'vitest'
import { databaseAt, freshDatabaseUri, lookInto } from '../../test/support/database.ts'

const HEADERS = [['Wechatpay-Serial', 'PUB_KEY_ID_0404']]

interface OldRow {
  readonly _id: string
  readonly verdict: string
  readonly rawBody: Buffer
}

function oldRow(index: number, verdict: string, bodyBytes = 10): OldRow {
  const _id = `rej_${index.toString(16).padStart(24, '0')}`
  const explanation = { en: 'It was refused.', zh: '已拒绝。' }
  const rest = { platform: 'WECHATPAY', merchantId: 'acme', explanation, rawHeaders: HEADERS }
  return Object.assign(rest, { _id, verdict, rawBody: Buffer.alloc(bodyBytes, 'x'), receivedAt: new Date() })
}

/** A database as the version before left it. */
async function leftBehind(rows: readonly OldRow[]) {
  const uri = freshDatabaseUri()
  const connection = await mongoose.createConnection(uri).asPromise()
  onTestFinished(() => connection.close())
  const db: mongo.Db = connection.getClient().db()
  await db.createCollection('rejections', { capped: true, size: 16 * 1024 * 1024, max: 5000 })
  if (rows.length > 0) await db.collection<OldRow>('rejections').insertMany([...rows])
  const collections = async () => (await db.listCollections().toArray()).map(({ name }) => name)
  return { uri, collections }
}

test('the rejected notifications of an older version are copied, within the bounds', async () => {
  const { uri, collections } = await leftBehind([
    oldRow(1, 'STALE_TIMESTAMP', 20_000),
    oldRow(2, 'UNKNOWN_KEY'),
    oldRow(3, 'BAD_SIGNATURE', 0),
  ])
  const { rejections } = await databaseAt(uri)
  const rows = await rejections.list({ merchantId: 'acme' }, { first: 100 })
  expect(rows).toMatchObject([
    { id: oldRow(3, '')._id, signature: 'invalid', cutFrom: null, attempts: 1, rawHeaders: HEADERS },
    { id: oldRow(2, '')._id, signature: 'key-unknown', cutFrom: null },
    { id: oldRow(1, '')._id, signature: 'invalid', cutFrom: { bodyBytes: 20_000 } },
  ])
  expect(rows.map(({ rawBody }) => rawBody.length)).toEqual([0, 10, 8192])
  expect(await collections()).toContain('rejections')
})

test('of what strangers filled the old collection with, the newest half of each share is moved', async () => {
  const noise = Array.from({ length: 400 }, (_row, index) => oldRow(index, 'BAD_SIGNATURE'))
  const unknown = Array.from({ length: 400 }, (_row, index) => oldRow(1000 + index, 'UNKNOWN_KEY'))
  const { uri } = await leftBehind([...noise, ...unknown])
  const { rejections } = await databaseAt(uri)
  const ids = async (verdict: string) =>
    (await rejections.list({ verdict: [verdict] }, { first: 1000 })).map(({ id }) => id)
  expect(await ids('BAD_SIGNATURE')).toEqual(
    noise
      .slice(-100)
      .map(({ _id }) => _id)
      .reverse(),
  )
  expect(await ids('UNKNOWN_KEY')).toEqual(
    unknown
      .slice(-250)
      .map(({ _id }) => _id)
      .reverse(),
  )
})

test('several processes may copy them at once; a start a week later drops the old collection', async () => {
  const rows = Array.from({ length: 50 }, (_row, index) => oldRow(index, 'UNKNOWN_KEY'))
  const { uri, collections } = await leftBehind(rows)
  const databases = await Promise.all(Array.from({ length: 4 }, () => databaseAt(uri)))
  for (const { rejections } of databases) expect(await rejections.count({})).toBe(50)
  const firstCompletedAt = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000)
  await lookInto(uri, (db) => db.collection('upgrades').updateMany({}, { $set: { firstCompletedAt } }))
  const { rejections } = await databaseAt(uri)
  expect(await rejections.count({})).toBe(50)
  expect(await collections()).not.toContain('rejections')
})
