import { generateKeyPairSync, verify } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { API_V3_KEY, merchantKeys, testAccount, testDeps } from './testing/account.ts'
import { createWechatpay } from './wechatpay.ts'

it('the parameters of a page are signed for this moment with the merchant key', () => {
  const platform = createWechatpay(
    testAccount(),
    testDeps({ randomNonce: () => '593BEC0C930BF1AFEB40B4A08C8FB242' }),
  )
  onTestFinished(() => platform.disconnect())
  const { wechatpay } = platform.pageParameters({ appId: 'wxd678efh567hg6787', prepayId: 'wx2014' })
  expect(wechatpay).toMatchObject({
    appId: 'wxd678efh567hg6787',
    timeStamp: '1767196800',
    nonceStr: '593BEC0C930BF1AFEB40B4A08C8FB242',
    package: 'prepay_id=wx2014',
    signType: 'RSA',
  })
  const message = 'wxd678efh567hg6787\n1767196800\n593BEC0C930BF1AFEB40B4A08C8FB242\nprepay_id=wx2014\n'
  const signature = Buffer.from(wechatpay?.paySign ?? '', 'base64')
  expect(verify('sha256', Buffer.from(message), merchantKeys.publicKey, signature)).toBe(true)
})

it('two pages never get the same nonce', () => {
  const platform = createWechatpay(testAccount(), testDeps())
  onTestFinished(() => platform.disconnect())
  const nonces = Array.from({ length: 100 }, () => platform.pageParameters({ appId: 'a', prepayId: 'p' }))
  expect(new Set(nonces.map(({ wechatpay }) => wechatpay?.nonceStr)).size).toBe(100)
})

it.each([16, 31, 33])('an APIv3 key of %i bytes stops the start', (length) => {
  const account = testAccount({ apiV3Keys: [API_V3_KEY, Buffer.alloc(length)] })
  expect(() => createWechatpay(account, testDeps())).toThrow(
    `An APIv3 key has 32 bytes; this one has ${length}.`,
  )
})

it('keys that are not RSA keys stop the start', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  expect(() => createWechatpay(testAccount({ privateKey }), testDeps())).toThrow('is an RSA key, not ed25519')
  const platformKeys = [{ id: 'PUB_KEY_ID_1', publicKey }]
  expect(() => createWechatpay(testAccount({ platformKeys }), testDeps())).toThrow(
    'The platform key PUB_KEY_ID_1',
  )
})
