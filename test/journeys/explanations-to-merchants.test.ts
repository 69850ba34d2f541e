import { expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { newest, notifications } from '../support/inbox.ts'
import { paidBody, paidNotice, post, signedNotice, type Notice } from '../support/notification.ts'
import { payableOrder, type OrderView } from '../support/orders.ts'

type Mistake = (gateway: TestGateway, order: OrderView) => Notice

const MISTAKES: readonly (readonly [string, Mistake])[] = [
  [
    'names the key of another merchant',
    (gateway, order) => paidNotice(gateway, order, { merchant: gateway.otherMerchant }),
  ],
  [
    'was signed by the key of another merchant',
    (gateway, order) => {
      const { privateKey } = gateway.otherMerchant.platformKey
      return signedNotice(gateway, paidBody(gateway, order), { privateKey })
    },
  ],
  [
    "was encrypted with another merchant's APIv3 key",
    (gateway, order) => paidNotice(gateway, order, { apiV3Key: gateway.otherMerchant.apiV3Key }),
  ],
]

test.each(MISTAKES)(
  'what %s tells operators whose, and its merchant nothing of others',
  async (_what, mistake) => {
    const gateway = await openGateway()
    const { order } = await payableOrder(gateway)
    await post(gateway, mistake(gateway, order))
    const { en, zh } = await newest(gateway)
    for (const sentence of [en, zh]) expect(sentence).toContain(gateway.otherMerchant.id)

    const { nodes } = await notifications(gateway, gateway.merchant.apiKey)
    const [shown] = nodes
    expect(shown).toMatchObject({ en: expect.stringMatching(/^\w.*\.$/), zh: expect.stringMatching(/。$/) })
    const { id, platformKey } = gateway.otherMerchant
    const told = `${shown?.en} ${shown?.zh}`
    expect(told).not.toContain(`merchant ${id}`)
    expect(told).not.toContain(`商户 ${id}`)
    expect(told).not.toMatch(new RegExp(`${platformKey.id} (is one of|of merchant)`))
  },
)

test('how many keys other merchants have is no merchant’s business', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const { headers, body } = paidNotice(gateway, order)
  const forged = headers.map(([name, value]) =>
    name === 'Wechatpay-Signature'
      ? ([name, Buffer.alloc(256, 1).toString('base64')] as const)
      : ([name, value] as const),
  )
  await post(gateway, { headers: forged, body })
  expect(await newest(gateway)).toMatchObject({ en: expect.stringMatching(/keys tried \(\d+\)/) })
  const { nodes } = await notifications(gateway, gateway.merchant.apiKey)
  expect(nodes).toMatchObject([{ en: expect.not.stringMatching(/\d/), zh: expect.not.stringMatching(/\d/) }])
})
