import { existsSync } from 'node:fs'
import { readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EmbeddedMongoError } from './embedded-mongo-error.ts'
import { connectTo, isAlive, makeDataDir, open, untilGone } from './testing/gateways.ts'

describe('an embedded database', () => {
  test('stores what is written in the database that its URI names', async () => {
    const connection = await connectTo(await open(await makeDataDir()))
    await connection.collection('orders').insertOne({ total: 100 })
    expect(await connection.collection('orders').findOne({}, { projection: { _id: 0 } })).toEqual({
      total: 100,
    })
    expect(connection.name).toBe('paybell')
  })

  test('has its data again after it was closed and opened', async () => {
    const dataDir = await makeDataDir()
    const before = await open(dataDir)
    const writer = await connectTo(before)
    await writer.collection('orders').insertOne({ total: 100 })
    await writer.close()
    await before.close()
    const after = await open(dataDir)
    expect(after.pid()).not.toBe(before.pid())
    expect(await (await connectTo(after)).collection('orders').countDocuments()).toBe(1)
  })

  test('tells its URI in a file of this user alone for as long as it runs', async () => {
    const dataDir = await makeDataDir()
    const uriFile = join(dataDir, 'mongodb.uri')
    const mongo = await open(dataDir)
    expect(await readFile(uriFile, 'utf8')).toBe(`${mongo.uri}\n`)
    expect((await stat(uriFile)).mode & 0o777).toBe(0o600)
    await mongo.close()
    expect(existsSync(uriFile)).toBe(false)
    await untilGone(mongo.pid())
  })

  test('may be closed twice', async () => {
    const mongo = await open(await makeDataDir())
    await Promise.all([mongo.close(), mongo.close()])
    await mongo.close()
    await untilGone(mongo.pid())
  })

  test.runIf(process.platform === 'linux')(
    'is in a session of its own, with nothing of our environment',
    async () => {
      const { pid } = await open(await makeDataDir())
      const [, , , , group, session] = (await readFile(`/proc/${pid()}/stat`, 'utf8')).split(' ')
      expect([group, session]).toEqual([String(pid()), String(pid())])
      expect(await readFile(`/proc/${pid()}/environ`, 'utf8')).toBe('TMPDIR=/tmp\0')
    },
  )
})

describe('a directory that cannot be used', () => {
  test('is refused in a sentence when it cannot be made', async () => {
    const file = join(await makeDataDir(), 'file')
    await writeFile(file, '')
    const attempt = open(join(file, 'data'))
    await expect(attempt).rejects.toThrow(EmbeddedMongoError)
    await expect(attempt).rejects.toThrow(
      /^The data directory \S+ cannot be used \(ENOTDIR: [^\n]*DATA_DIR\.$/,
    )
  })

  test('is refused in a sentence when the files in it are damaged', async () => {
    const dataDir = await makeDataDir()
    await (await open(dataDir)).close()
    await writeFile(join(dataDir, 'mongodb', 'WiredTiger.wt'), 'not what it was')
    const attempt = open(dataDir)
    await expect(attempt).rejects.toThrow(EmbeddedMongoError)
    await expect(attempt).rejects.toThrow(
      /^The embedded MongoDB gave up opening \S+ \(exit code 14\): [^\n]+\.$/,
    )
  })
})

describe('several gateways on one data directory', () => {
  test('share one process, which the last to leave stops', async () => {
    const dataDir = await makeDataDir()
    const [first, second] = [await open(dataDir), await open(dataDir)]
    expect([second.pid(), second.uri]).toEqual([first.pid(), first.uri])
    await first.close()
    const connection = await connectTo(second)
    await connection.collection('orders').insertOne({ total: 100 })
    await connection.close()
    await second.close()
    await untilGone(second.pid())
  })

  test('share one process also when one of them knows the directory by another name', async () => {
    const dataDir = await makeDataDir()
    const alias = join(await makeDataDir(), 'alias')
    await symlink(dataDir, alias)
    const [first, second] = [await open(dataDir), await open(alias)]
    expect([second.pid(), second.uri]).toEqual([first.pid(), first.uri])
  })

  test('share one process when they start at the same moment', async () => {
    const dataDir = await makeDataDir()
    const gateways = await Promise.all([open(dataDir), open(dataDir), open(dataDir)])
    expect(new Set(gateways.map(({ pid }) => pid())).size).toBe(1)
    const connections = await Promise.all(gateways.map(connectTo))
    await Promise.all(connections.map((each, total) => each.collection('orders').insertOne({ total })))
    expect(await connections[0]?.collection('orders').countDocuments()).toBe(3)
  })

  test('find a database again when one opens while the last of the others leaves', async () => {
    const dataDir = await makeDataDir()
    const leaving = await open(dataDir)
    const [coming] = await Promise.all([open(dataDir), leaving.close()])
    await (await connectTo(coming)).collection('orders').insertOne({ total: 100 })
    expect(isAlive(coming.pid())).toBe(true)
  })
})
