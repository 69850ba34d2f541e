import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openEmbeddedMongo } from '../../src/embedded/embedded-mongo.ts'
import { whileIntact } from '../../src/models/intact-database.ts'
import { databaseAt } from '../support/database.ts'
import { ownEngine } from '../support/engine.ts'
import { openGateway, silentLog, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, orderInput, readOrder } from '../support/orders.ts'
import { recordedLog, type LogLine } from '../support/recorded-log.ts'
import { sandboxDir, startSandboxProcess } from '../support/sandbox.ts'

const LOST = /^The files of the running embedded MongoDB are no longer in /
const PATIENT = { timeout: 30_000 }

/** A gateway on an engine of its own, as `startGateway` puts them together, with an order that is not paid yet. */
async function withOwnFiles() {
  const { log, lines } = recordedLog()
  const engine = await ownEngine(undefined, log)
  const database = whileIntact(await databaseAt(engine.uri), engine.isIntact)
  const gateway = await openGateway({ databaseUri: engine.uri, database })
  const { order } = await createdOrder(gateway)
  return {
    gateway,
    order,
    engine,
    dataDir: engine.dataDir,
    said: () => lines,
  }
}

/** The directory of another database, which no process has open. */
async function closedDatabase(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'paybell-other-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const mongo = await openEmbeddedMongo({ dataDir, log: silentLog })
  await mongo.close()
  return dataDir
}

function errorsOf(said: readonly LogLine[]) {
  return said.flatMap(({ level, message }) => (level === 'error' ? [message] : []))
}

function createOrderAt({ url, merchant }: TestGateway, input = orderInput({ payment: null })) {
  const query = 'mutation ($input: CreateOrderInput!) { createOrder(input: $input) { __typename } }'
  return graphql(url, merchant.apiKey, { query, variables: { input } })
}

async function readiness({ url }: TestGateway) {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, body: await response.json() }
}

const READY = { status: 200, body: { status: 'ready' } }

/** Nothing that is written from now on is acknowledged, to platforms or to merchants. */
async function expectNothingAcknowledged({ gateway, order, said }: Awaited<ReturnType<typeof withOwnFiles>>) {
  const unavailable = { errors: [{ extensions: { code: 'UNAVAILABLE' } }] }
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({
    status: 503,
    body: { code: 'FAIL' },
  })
  expect(await readiness(gateway)).toEqual({ status: 503, body: { status: 'database files missing' } })
  expect(await createOrderAt(gateway)).toMatchObject(unavailable)
  const known = orderInput({ outTradeNo: order.outTradeNo, payment: null })
  expect(await createOrderAt(gateway, known)).toMatchObject(unavailable)
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
  expect(errorsOf(said())).toEqual([expect.stringMatching(LOST)])
}

test('when the data directory is removed, nothing is acknowledged from then on', async () => {
  const opened = await withOwnFiles()
  await rm(opened.dataDir, { recursive: true })
  await expectNothingAcknowledged(opened)
})

test('when the contents of the data directory are removed, nothing is acknowledged from then on', async () => {
  const opened = await withOwnFiles()
  for (const name of await readdir(opened.dataDir)) await rm(join(opened.dataDir, name), { recursive: true })
  await expectNothingAcknowledged(opened)
})

test('when the files of the journal alone are removed, nothing is acknowledged from then on', async () => {
  const opened = await withOwnFiles()
  const journal = join(opened.dataDir, 'mongodb', 'journal')
  for (const name of await readdir(journal)) await rm(join(journal, name))
  await expectNothingAcknowledged(opened)
})

test('what is written while the files are being removed is not acknowledged', async () => {
  const { log } = recordedLog()
  const engine = await ownEngine(undefined, log)
  const stored = await databaseAt(engine.uri)
  const { settle } = stored.notifications.inbox
  const inbox = {
    ...stored.notifications.inbox,
    async settle(...settlement: Parameters<typeof settle>) {
      await settle(...settlement)
      await rm(engine.dataDir, { recursive: true })
    },
  }
  const database = whileIntact(
    { ...stored, notifications: { ...stored.notifications, inbox } },
    engine.isIntact,
  )
  const gateway = await openGateway({ databaseUri: engine.uri, database })
  const { order } = await createdOrder(gateway)
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 503 })
})

test('when another database takes the place of the data directory, nothing is acknowledged until the first is back', async () => {
  const opened = await withOwnFiles()
  const { gateway, order, dataDir, said } = opened
  const other = await closedDatabase()
  await rename(dataDir, `${dataDir}.away`)
  await rename(other, dataDir)
  await expectNothingAcknowledged(opened)

  await rename(dataDir, other)
  await rename(`${dataDir}.away`, dataDir)
  await expect.poll(() => readiness(gateway), PATIENT).toEqual(READY)
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID' })
  expect(errorsOf(said())).toHaveLength(1)
})

test('when the data directory is moved away and back, service resumes', async () => {
  const opened = await withOwnFiles()
  const { gateway, order, dataDir, said } = opened
  await rename(dataDir, `${dataDir}.away`)
  await expectNothingAcknowledged(opened)
  await rename(`${dataDir}.away`, dataDir)
  expect(await readiness(gateway)).toEqual(READY)
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
  expect(said().slice(1)).toMatchObject([
    { level: 'info', message: 'The files of the embedded MongoDB are back.' },
  ])
})

test('no engine is started on an empty directory, and one is when the files are back', async () => {
  const opened = await withOwnFiles()
  const { gateway, order, engine, dataDir } = opened
  const files = join(dataDir, 'mongodb')
  await rename(files, `${files}.away`)
  await mkdir(files)
  await expectNothingAcknowledged(opened)
  process.kill(engine.pid(), 'SIGKILL')
  await expect.poll(() => opened.said().length).toBe(2)
  expect(await readiness(gateway)).toMatchObject({ status: 503 })
  expect(await readdir(files)).toEqual([])

  await rm(files, { recursive: true })
  await rename(`${files}.away`, files)
  await expect.poll(() => readiness(gateway), PATIENT).toEqual(READY)
  await vi.waitFor(
    async () => expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 }),
    PATIENT,
  )
})

test('the death of an engine whose files are in place is no loss of them', async () => {
  const { gateway, order, engine, said } = await withOwnFiles()
  for (let kills = 0; kills < 3; kills += 1) {
    const killed = engine.pid()
    process.kill(killed, 'SIGKILL')
    await expect.poll(() => engine.pid(), PATIENT).not.toBe(killed)
    await expect.poll(() => readiness(gateway), PATIENT).toEqual(READY)
  }
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
  expect(errorsOf(said())).toEqual([])
})

test('a gateway is not started on an engine whose files are gone', async () => {
  const { dataDir, engine, said } = await withOwnFiles()
  const running = engine.pid()
  await rm(dataDir, { recursive: true })
  await expect(openEmbeddedMongo({ dataDir, log: silentLog })).rejects.toThrow(LOST)
  // The one that runs may notice the loss by its own work meanwhile, and is left as it is.
  expect(engine.pid()).toBe(running)
  expect(said().filter(({ message }) => !LOST.test(message))).toEqual([])
})

test('an engine writes nothing to another database that takes the place of its own', async () => {
  const { engine, dataDir, said } = await withOwnFiles()
  const other = await closedDatabase()
  const files = ['WiredTiger.turtle', 'WiredTiger.wt', 'mongod.lock'].map((name) => join('mongodb', name))
  const read = (folder: string) => Promise.all(files.map((name) => readFile(join(folder, name))))
  const before = await read(other)
  await rename(dataDir, `${dataDir}.away`)
  onTestFinished(() => rm(`${dataDir}.away`, { recursive: true, force: true }))
  await rename(other, dataDir)
  await vi.waitUntil(() => said().some(({ message }) => message.includes('died')), PATIENT)
  await engine.close()
  expect(await read(dataDir)).toEqual(before)
})

test('a sandbox whose data directory is removed says so, and acknowledges nothing', async () => {
  const dataDir = await sandboxDir()
  const sandbox = await startSandboxProcess(dataDir)
  const ready = () => fetch(`${sandbox.gateway}/readyz`)
  expect((await ready()).status).toBe(200)
  await rm(dataDir, { recursive: true })
  expect([(await ready()).status, await (await ready()).json()]).toEqual([
    503,
    { status: 'database files missing' },
  ])
  const mutation = 'mutation ($input: CreateOrderInput!) { createOrder(input: $input) { __typename } }'
  const variables = { input: orderInput({ payment: null }) }
  expect(await graphql(sandbox.gateway, sandbox.merchantKey, { query: mutation, variables })).toMatchObject({
    errors: [{ extensions: { code: 'UNAVAILABLE' } }],
  })
})
