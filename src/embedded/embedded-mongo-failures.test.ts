import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { PATIENT, connectTo, isAlive, makeDataDir, open, startHolder, untilGone } from './testing/gateways.ts'

describe('when something dies', () => {
  test('a killed database is started again under its URI, and old connections work on', async () => {
    const onRestart = vi.fn<() => void>()
    const mongo = await open(await makeDataDir(), onRestart)
    const [uri, killed] = [mongo.uri, mongo.pid()]
    const orders = (await connectTo(mongo)).collection('orders')
    await orders.insertOne({ total: 100 })
    process.kill(killed, 'SIGKILL')
    await vi.waitUntil(() => onRestart.mock.calls.length === 1, PATIENT)
    expect(mongo.uri).toBe(uri)
    expect(mongo.pid()).not.toBe(killed)
    await orders.insertOne({ total: 200 })
    expect(await orders.distinct('total')).toEqual([100, 200])
  })

  test('no write that the majority acknowledged is lost, however often the database is killed', async () => {
    const onRestart = vi.fn<() => void>()
    const mongo = await open(await makeDataDir(), onRestart)
    const orders = (await connectTo(mongo)).collection<{ readonly _id: number }>('orders')
    const written: number[] = []
    for (let kills = 1; kills <= 4; kills++) {
      for (let count = 0; count < 5; count++) {
        await orders.insertOne({ _id: written.length }, { writeConcern: { w: 'majority', j: true } })
        written.push(written.length)
      }
      process.kill(mongo.pid(), 'SIGKILL')
      await vi.waitUntil(() => onRestart.mock.calls.length === kills, PATIENT)
    }
    expect(await orders.distinct('_id')).toEqual(written)
  })

  test('all gateways meet again at one database after it was killed', async () => {
    const dataDir = await makeDataDir()
    const onRestart = vi.fn<() => void>()
    const gateways = await Promise.all([open(dataDir, onRestart), open(dataDir, onRestart)])
    process.kill(gateways[0].pid(), 'SIGKILL')
    await vi.waitUntil(() => onRestart.mock.calls.length === 2, PATIENT)
    expect(gateways[0].pid()).toBe(gateways[1].pid())
  })

  test('a database outlives the gateway that started it while another uses it', async () => {
    const dataDir = await makeDataDir()
    const starter = await startHolder(dataDir)
    const onRestart = vi.fn<() => void>()
    const mongo = await open(dataDir, onRestart)
    await starter.kill()
    await (await connectTo(mongo)).collection('orders').insertOne({ total: 100 })
    expect(mongo.pid()).toBe(starter.databasePid)
    expect(onRestart).not.toHaveBeenCalled()
  })

  test('a database stops by itself when its only gateway was killed', async () => {
    const dataDir = await makeDataDir()
    const holder = await startHolder(dataDir)
    expect(isAlive(holder.databasePid)).toBe(true)
    await holder.kill()
    await untilGone(holder.databasePid)
    expect(existsSync(join(dataDir, 'mongodb.uri'))).toBe(false)
  })
})

describe('signals to the database process', () => {
  test('SIGINT and SIGHUP leave it alone, and SIGTERM lets its gateways finish', async () => {
    const dataDir = await makeDataDir()
    const onRestart = vi.fn<() => void>()
    const mongo = await open(dataDir, onRestart)
    const connection = await connectTo(mongo)
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.kill(mongo.pid(), signal)
    await connection.collection('orders').insertOne({ total: 100 })
    await connection.close()
    await mongo.close()
    expect(onRestart).not.toHaveBeenCalled()
    await untilGone(mongo.pid())
    expect(await readFile(join(dataDir, 'mongodb.log'), 'utf8')).toMatch(/ stopped\n$/)
  })

  test('a second SIGTERM closes it at once, and the gateway that still needs it starts it again', async () => {
    const dataDir = await makeDataDir()
    const onRestart = vi.fn<() => void>()
    const mongo = await open(dataDir, onRestart)
    const stopped = mongo.pid()
    process.kill(stopped, 'SIGTERM')
    await vi.waitUntil(() => {
      if (isAlive(stopped)) process.kill(stopped, 'SIGTERM')
      return onRestart.mock.calls.length === 1
    }, PATIENT)
    expect(await readFile(join(dataDir, 'mongodb.log'), 'utf8')).toMatch(new RegExp(` ${stopped} stopped\n`))
  })
})
