import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makePlatformKeys } from './platform-keys.ts'
import type { StoredKeys } from './platform-keys.ts'
import { openStorage } from './storage.ts'
import type { State } from './storage.ts'
import { clientOf, invocation, merchant, placeOrder, startSimulator, until } from './testing/merchant.ts'
import { openNotification, startReceiver } from './testing/receiver.ts'

const fresh = (): Promise<StoredKeys> => makePlatformKeys(new Date())
const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

it('knows its keys, orders and prepay_ids after a restart', async () => {
  const dataDir = await makeFolder()
  const before = await startSimulator({ dataDir, platformKeys: undefined })
  const prepayId = await placeOrder(before)
  await before.close()
  const after = await startSimulator({ dataDir, platformKeys: undefined })
  expect(after.platformKey).toEqual(before.platformKey)
  expect(after.certificate).toEqual(before.certificate)
  const path = `v3/pay/transactions/out-trade-no/${ref.outTradeNo}?mchid=${ref.mchId}`
  expect((await clientOf(before, undefined).chain(path).get<unknown>({ baseURL: after.url })).status).toBe(
    200,
  )
  const cashier = await fetch(`${after.url}/client/cashier`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(invocation(prepayId)),
  })
  expect(cashier.status).toBe(200)
})

it('goes on sending a notification that a restart interrupted', async () => {
  const dataDir = await makeFolder()
  const receiver = await startReceiver([500, 204])
  const before = await startSimulator({ dataDir, notifyTimeFactor: 0.02 })
  await placeOrder(before, { notify_url: receiver.url })
  await before.pay(ref)
  await until(before, () => before.notifications()[0]?.attempts.length === 1)
  await before.close()
  expect(receiver.received).toHaveLength(1)
  const after = await startSimulator({ dataDir, notifyTimeFactor: 0.02 })
  await until(after, () => after.notifications()[0]?.state === 'DELIVERED')
  const [first, second] = receiver.received
  expect(second?.body).toBe(first?.body)
  if (second) openNotification(second, before.platformKey, merchant.apiV3Key)
})

it('leaves the folder to its successor once it is closed', async () => {
  const dataDir = await makeFolder()
  const before = await startSimulator({ dataDir })
  await before.close()
  const after = await startSimulator({ dataDir })
  await placeOrder(after)
  await before.close()
  await after.close()
  expect((await openStorage(dataDir, fresh)).initial.orders).toHaveLength(1)
})

it('keeps its files from other users and leaves no drafts', async () => {
  const dataDir = await makeFolder()
  await placeOrder(await startSimulator({ dataDir }))
  const names = await readdir(dataDir)
  expect(names.toSorted()).toEqual(['platform-keys.json', 'state.json'])
  for (const name of names) expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600)
})

it('has the newest state on disk whenever a save resolves', async () => {
  const dataDir = await makeFolder()
  const { save } = await openStorage(dataDir, fresh)
  let orders: { readonly outTradeNo: string }[] = []
  const order = { ...(await sampleOrder()), prepays: [] }
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      orders = [...orders, { outTradeNo: `T2026010100000${index}` }]
      return save(() => ({ orders: orders.map((each) => ({ ...order, ...each })), notifications: [] }))
    }),
  )
  expect((await openStorage(dataDir, fresh)).initial.orders).toHaveLength(20)
})

it('refuses a folder whose files it did not write', async () => {
  const dataDir = await makeFolder()
  await writeFile(join(dataDir, 'state.json'), '{"orders":1}')
  await expect(startSimulator({ dataDir })).rejects.toThrow('was not written by this simulator')
})

async function sampleOrder(): Promise<State['orders'][number]> {
  const dataDir = await makeFolder()
  const simulator = await startSimulator({ dataDir })
  await placeOrder(simulator)
  const [order] = (await openStorage(dataDir, fresh)).initial.orders
  if (!order) throw new Error('the order was not kept')
  return order
}
