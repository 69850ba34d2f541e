import { expect, test } from 'vitest'
import type { Database } from '../../src/models/database.ts'
import type { OrderStore } from '../../src/models/order.ts'
import type { Log } from '../../src/operations/log.ts'
import { reportUnreported } from '../../src/orders/report-anomalies.ts'
import { monitored, noteCommands } from '../query-plans/command-log.ts'
import { close, confirm, payAtPlatform, readEnd, roundPorts } from '../support/asking.ts'
import { stored } from '../support/between-calls.ts'
import { databaseAt, freshDatabaseUri, lookInto, rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'

const MINUTE_MS = 60_000

/** The clock that all processes share, as it will be after so many minutes. */
function clockIn(minutes: number) {
  return { stamp: async () => new Date(Date.now() + minutes * MINUTE_MS) }
}

type Replace = (own: OrderStore) => Partial<OrderStore>

/** A database of which some calls about orders are replaced, in both of its pools. */
function withOrders(database: Database, replace: Replace): Database {
  const { orders, notifications } = database
  return {
    ...database,
    orders: { ...orders, ...replace(orders) },
    notifications: {
      ...notifications,
      orders: { ...notifications.orders, ...replace(notifications.orders) },
    },
  }
}

/** A log, and its lines about anomalies. */
function anomalyLog() {
  const { log, lines } = recordedLog()
  const about = () => lines.filter(({ level, fields }) => level === 'error' && 'anomalyId' in fields)
  return { log, lines, about }
}

/** The log of a process that dies before it writes a line about an anomaly. */
function dyingLog(): Log {
  const { log } = recordedLog()
  return {
    ...log,
    error(fields) {
      if ('anomalyId' in fields) throw new Error('The process was killed.')
    },
  }
}

interface Opening {
  readonly replace?: Replace
  readonly log?: Log
}

/** A gateway, an order, and a payment of it that is too little. */
async function opened({ replace = () => ({}), log }: Opening = {}) {
  const recorded = anomalyLog()
  const databaseUri = monitored(freshDatabaseUri())
  const database = withOrders(await databaseAt(databaseUri), replace)
  const gateway = await openGateway({ log: log ?? recorded.log, databaseUri, database })
  const { order } = await payableOrder(gateway)
  const notice = paidNotice(gateway, order, { payment: { amount: { total: 77, currency: 'CNY' } } })
  return {
    gateway,
    order,
    ...recorded,
    send: async (): Promise<number> => (await post(gateway, notice)).status,
    /** A round that looks so many minutes later. */
    round: (minutes: number, to = recorded.log) =>
      reportUnreported({ ...roundPorts(gateway), log: to, clock: clockIn(minutes) }),
    line: { fields: { kind: 'AMOUNT_MISMATCH', orderId: order.id, outTradeNo: order.outTradeNo, total: 77 } },
    noted: () => unreportedIn(gateway),
  }
}

/** The ids of anomalies whose line may be missing, as they are stored. */
async function unreportedIn({ databaseUri }: TestGateway): Promise<readonly string[]> {
  type Stored = { readonly unreported?: readonly string[] }
  const rows = await lookInto(databaseUri, (database) =>
    database.collection<Stored>('orders').find().toArray(),
  )
  return rows.flatMap(({ unreported = [] }) => unreported)
}

/** The first write that adds an anomaly takes effect, and its answer is lost. */
function losingAnswer(): Replace {
  let isLost = false
  return (own) => ({
    async append(known, next, check) {
      const result = await own.append(known, next, check)
      if (isLost || next.anomalies.length === known.anomalies.length) return result
      isLost = true
      throw new Error('The connection was lost.')
    },
  })
}

/** Another process on the same database, a minute later, which looks again and again. @returns how often it has looked */
async function startLater({ parts, databaseUri }: TestGateway, log: Log): Promise<() => number> {
  let looks = 0
  const { merchants, operators, tokenSecrets, now } = parts
  const same = { databaseUri, merchants, operators, tokenSecrets, now, log }
  const own = withOrders(await databaseAt(databaseUri), ({ takeUnreported }) => ({
    takeUnreported(...given) {
      looks += 1
      return takeUnreported(...given)
    },
  }))
  const database = { ...own, clock: { ...own.clock, ...clockIn(1) } }
  await openGateway({ ...same, database, roundPauses: { orders: 3_600_000, inbox: 10 } })
  return () => looks
}

test('an anomaly whose write took effect and was not answered is one error line after the round', async () => {
  const { order, gateway, send, about, round, line } = await opened({ replace: losingAnswer() })
  expect([await send(), await send()]).toEqual([503, 204])
  expect(await readOrder(gateway, order.id)).toMatchObject({ anomalies: [{ kind: 'AMOUNT_MISMATCH' }] })
  // Its own process may still be about to write it.
  await round(0)
  expect(about()).toEqual([])
  await round(1)
  await round(2)
  expect(await send()).toBe(204)
  expect(about()).toMatchObject([line])
})

test('an anomaly that a confirmation stored without an answer is one error line after the round', async () => {
  const { order, gateway, about, round } = await opened({ replace: losingAnswer() })
  gateway.simulator.faults.add({ kind: 'lose', times: 'always' })
  await close(gateway, order.id)
  await payAtPlatform(gateway, order, { evenIfClosed: true })
  await expect(confirm(gateway, order.id, gateway.merchant.apiKey)).rejects.toThrow()
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'PAID' })
  await round(1)
  await round(2)
  expect(about()).toMatchObject([{ fields: { kind: 'PAID_AFTER_CLOSE', orderId: order.id } }])
})

test('the next start writes the line of an anomaly whose process died before it, and no start after that', async () => {
  const { gateway, send, log, about, line, noted } = await opened({ log: dyingLog() })
  expect(await send()).toBeGreaterThanOrEqual(500)
  await gateway.stop()
  await startLater(gateway, log)
  await expect.poll(about).toMatchObject([line])
  await expect.poll(noted).toEqual([])
  const { log: nextLog, about: aboutNext } = anomalyLog()
  await expect.poll(await startLater(gateway, nextLog)).toBeGreaterThan(1)
  expect(aboutNext()).toEqual([])
})

test('a round that dies before its line leaves it to a later one', async () => {
  const { send, about, round, line } = await opened({ replace: losingAnswer() })
  await send()
  await expect(round(1, dyingLog())).rejects.toThrow('The process was killed.')
  // It could still be at work.
  await round(1)
  expect(about()).toEqual([])
  await round(2)
  await round(3)
  expect(about()).toMatchObject([line])
})

test('of rounds that look at the same time, one writes the line', async () => {
  const { send, about, round, line } = await opened({ replace: losingAnswer() })
  await send()
  await Promise.all([round(1), round(1), round(1)])
  await round(2)
  expect(about()).toMatchObject([line])
})

test('of two processes that start at the same time, one writes the line', async () => {
  const { gateway, send, log, about, line } = await opened({ log: dyingLog() })
  await send()
  for (const looks of await Promise.all([startLater(gateway, log), startLater(gateway, log)]))
    await expect.poll(looks).toBeGreaterThan(2)
  expect(about()).toMatchObject([line])
})

test('when nothing fails, the line is written at once, and by no round of any process', async () => {
  const { gateway, send, log, about, round, line, noted } = await opened()
  expect(await send()).toBe(204)
  expect(about()).toMatchObject([line])
  expect(await noted()).toEqual([])
  await Promise.all([round(1), round(1)])
  await expect.poll(await startLater(gateway, log)).toBeGreaterThan(1)
  await round(2)
  expect(about()).toHaveLength(1)
})

test.each<[string, OrderStore['noteReported']]>([
  ['fails', () => Promise.reject(new Error('The database is gone.'))],
  ['is never answered', () => new Promise<never>(() => undefined)],
])(
  'a note of the line that %s fails no caller, and leaves the line to the round',
  async (_how, noteReported) => {
    const { send, about, lines, round, line } = await opened({ replace: () => ({ noteReported }) })
    expect(await send()).toBe(204)
    expect(about()).toMatchObject([line])
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('may be written again') }),
    )
    await round(1)
    expect(about()).toMatchObject([line, line])
  },
)

test('a note of the line makes no other writer lose a race, and is undone by none', async () => {
  const { gateway, order, send, noted, round, about } = await opened({ replace: losingAnswer() })
  await send()
  const { orders } = gateway.parts.database
  const known = await stored(gateway, order.id)
  await round(1)
  expect(await noted()).toEqual([])
  expect(await orders.append(known, { ...known, rev: 'another' }, undefined)).toBe('written')
  expect(await noted()).toEqual([])
  await round(2)
  expect(about()).toHaveLength(1)
})

test('an order without a new anomaly costs no command about lines, and keeps nothing about them', async () => {
  const { gateway, order } = await opened()
  const name = await lookInto(gateway.databaseUri, async (database) => database.databaseName)
  const { noted, stop } = noteCommands(name)
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
  stop()
  expect(noted.length).toBeGreaterThan(0)
  expect(JSON.stringify(noted)).not.toMatch(/unreported|reportDueAt/)
  const [row] = await rowsOf(gateway.databaseUri, 'orders')
  expect(row).toMatchObject({ status: 'PAID' })
  for (const field of ['unreported', 'reportDueAt']) expect(row).not.toHaveProperty(field)
})

test('anomalies that an earlier version stored are not reported again', async () => {
  const { gateway, send, log, about, round } = await opened()
  await send()
  await lookInto(gateway.databaseUri, (database) =>
    database.collection('orders').updateMany({}, { $unset: { unreported: '', reportDueAt: '' } }),
  )
  await expect.poll(await startLater(gateway, log)).toBeGreaterThan(1)
  await round(2)
  expect(about()).toHaveLength(1)
})
