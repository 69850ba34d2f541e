import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openGateway, type GatewayChanges, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'
import { longPoll } from '../support/streams.ts'

type Secrets = Required<Pick<GatewayChanges, 'tokenSecrets'>> & {
  readonly apiV3Keys: readonly [string, ...string[]]
}

/** Opens processes of one gateway, each with secrets of its own. */
async function openPair() {
  const first = await openGateway()
  const { databaseUri, parts, merchant } = first

  async function open({ tokenSecrets, apiV3Keys: [newest, ...older] }: Secrets): Promise<TestGateway> {
    const { now, operators, publicUrl } = parts
    const merchants = parts.merchants.map((one) => {
      if (one.id !== merchant.id || one.wechatpay === undefined) return one
      const apiV3Keys = [Buffer.from(newest), ...older.map((key) => Buffer.from(key))] as const
      return { ...one, wechatpay: { ...one.wechatpay, apiV3Keys } }
    })
    const same = { databaseUri, merchants, operators, now, publicUrl }
    return { ...first, ...(await openGateway({ ...same, tokenSecrets })), merchant }
  }
  return { open, oldKey: merchant.apiV3Key, oldSecret: parts.tokenSecrets[0] }
}

/** What the platform and the pages do meanwhile; nothing of it may be refused by any process. */
async function expectServed(
  gateways: readonly TestGateway[],
  { apiV3Keys, tokens }: { readonly apiV3Keys: readonly string[]; readonly tokens: Map<string, string> },
): Promise<void> {
  for (const gateway of gateways) {
    for (const apiV3Key of apiV3Keys) {
      const { order, accessToken } = await payableOrder(gateway)
      tokens.set(order.id, accessToken)
      expect(await post(gateway, paidNotice(gateway, order, { apiV3Key }))).toMatchObject({ status: 204 })
      expect(await readOrder(gateway, order.id, accessToken)).toMatchObject({ status: 'PAID' })
    }
  }
  for (const gateway of gateways)
    for (const [id, token] of tokens) {
      const polled = await longPoll(gateway, token, `${id}/events?after=0&wait=0`)
      expect([polled.status, await polled.json()]).toEqual([200, expect.arrayContaining([expect.anything()])])
    }
}

test('both secrets are changed while two processes run, and nothing is refused', async () => {
  const { open, oldKey, oldSecret } = await openPair()
  const newKey = randomBytes(16).toString('hex')
  const newSecret = randomBytes(32)
  const start: Secrets = { apiV3Keys: [oldKey], tokenSecrets: [oldSecret] }
  // Every process knows both before one of them signs with the new one, or the platform encrypts with it.
  const steps = [
    { secrets: { apiV3Keys: [newKey, oldKey], tokenSecrets: [oldSecret, newSecret] }, atPlatform: [oldKey] },
    {
      secrets: { apiV3Keys: [newKey, oldKey], tokenSecrets: [newSecret, oldSecret] },
      atPlatform: [oldKey, newKey],
    },
  ] as const
  const tokens = new Map<string, string>()
  let pair = await Promise.all([open(start), open(start)])
  await expectServed(pair, { apiV3Keys: [oldKey], tokens })
  for (const { secrets, atPlatform: apiV3Keys } of steps)
    for (const place of [0, 1] as const) {
      const next = await open(secrets)
      await expectServed([...pair, next], { apiV3Keys, tokens })
      await pair[place].stop()
      pair = place === 0 ? [next, pair[1]] : [pair[0], next]
      await expectServed(pair, { apiV3Keys, tokens })
    }
})

test('once an old secret is dropped, what was made with it is refused', async () => {
  const { open, oldKey, oldSecret } = await openPair()
  const newKey = randomBytes(16).toString('hex')
  const before = await open({ apiV3Keys: [oldKey], tokenSecrets: [oldSecret] })
  const { order, accessToken } = await createdOrder(before)
  const after = await open({ apiV3Keys: [newKey], tokenSecrets: [randomBytes(32)] })
  expect(await post(after, paidNotice(after, order))).toMatchObject({ status: 500 })
  expect(await longPoll(after, accessToken, `${order.id}/events`)).toMatchObject({ status: 401 })
})
