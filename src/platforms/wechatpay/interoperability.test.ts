import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { expect, it } from 'vitest'
import { API_V3_KEY, KEY_ID, NOW, platformKeys } from './testing/account.ts'
import { envelopeOf, PAYMENT, seal } from './testing/notice.ts'
import { read } from './testing/reading.ts'

it('a notification made with the community SDK for Node is accepted', async () => {
  const nonce = Formatter.nonce()
  const timestamp = String(NOW.getTime() / 1000)
  const ciphertext = Aes.AesGcm.encrypt(JSON.stringify(PAYMENT), API_V3_KEY, 'aB3dE5fG7hJ9', 'transaction')
  const body = JSON.stringify(envelopeOf({ ...seal(''), ciphertext }))
  const privateKey = Rsa.from(platformKeys.privateKey, Rsa.KEY_TYPE_PRIVATE)
  const reading = await read({
    headers: [
      ['wechatpay-timestamp', timestamp],
      ['wechatpay-nonce', nonce],
      ['wechatpay-serial', KEY_ID],
      ['wechatpay-signature', Rsa.sign(Formatter.response(timestamp, nonce, body), privateKey)],
    ],
    body: Buffer.from(body),
  })
  expect(reading).toMatchObject({ verdict: 'VERIFIED', fact: { platformTradeNo: PAYMENT.out_trade_no } })
})
