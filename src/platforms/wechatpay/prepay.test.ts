import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KEY_ID, merchantKeys, NOW, testAccount } from './testing/account.ts'
import { signedReply, startPlatform } from './testing/platform-server.ts'
import { attributesOf, PREPAID, prepayAt } from './testing/prepaying.ts'

describe('a prepay call', () => {
  it('sends the documented fields and headers', async () => {
    const { url, seen } = await startPlatform(PREPAID)
    await prepayAt(url)
    const [request] = seen
    expect(request?.headers['user-agent']).toMatch(/^paybell /)
    expect(request).toMatchObject({ method: 'POST', path: '/v3/pay/transactions/jsapi' })
    expect(request?.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'wechatpay-serial': KEY_ID,
    })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      appid: 'wxd678efh567hg6787',
      mchid: '1900000109',
      description: '一杯茶',
      out_trade_no: 'T20260101000001',
      time_expire: '2026-01-01T00:30:00+08:00',
      notify_url: 'https://pay.example.com/notify/wechatpay/v3/acme',
      amount: { total: 100, currency: 'CNY' },
      payer: { openid: 'o-test-payer' },
    })
  })

  it('is signed with the merchant key over exactly what is sent', async () => {
    const { url, seen } = await startPlatform(PREPAID)
    await prepayAt(url)
    const [request] = seen
    const signed = attributesOf(request)
    expect(signed).toMatchObject({
      mchid: '1900000109',
      serial_no: testAccount().certificateSerial,
      timestamp: '1767196800',
    })
    const message = `POST\n/v3/pay/transactions/jsapi\n${signed['timestamp']}\n${signed['nonce_str']}\n${request?.body}\n`
    const signature = Buffer.from(signed['signature'] ?? '', 'base64')
    expect(verify('sha256', Buffer.from(message), createPublicKey(merchantKeys.privateKey), signature)).toBe(
      true,
    )
  })
})

describe('the answer to a prepay call', () => {
  it('gives the prepay id, and stops trusting it five minutes before the platform does', async () => {
    const { url } = await startPlatform(PREPAID)
    await expect(prepayAt(url)).resolves.toEqual({
      prepayId: 'wx201410272009395522657a690389285100',
      prepayExpiresAt: new Date(NOW.getTime() + 115 * 60 * 1000),
    })
  })

  it('asks for answers signed by certificate when no public key id is configured', async () => {
    const serial = '5E1F0A2B3C4D5E6F708192A3B4C5D6E7F8091A2B'
    const { url, seen } = await startPlatform(
      signedReply('{"prepay_id":"wx1"}', { 'Wechatpay-Serial': serial }),
    )
    const platformKeys = testAccount().platformKeys.map(({ publicKey }) => ({
      id: serial.toLowerCase(),
      publicKey,
    }))
    await expect(prepayAt(url, {}, { platformKeys })).resolves.toMatchObject({
      prepayId: 'wx1',
    })
    expect(seen[0]?.headers).not.toHaveProperty('wechatpay-serial')
  })

  it('signs the path as sent when the API lives below a path', async () => {
    const { url, seen } = await startPlatform(PREPAID)
    await prepayAt(`${url}/api/`)
    expect(seen[0]?.path).toBe('/api/v3/pay/transactions/jsapi')
  })

  it('is not known when the signed answer has another shape', async () => {
    const { url } = await startPlatform(signedReply('{"prepayId":"wx1"}'))
    await expect(prepayAt(url)).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
  })
})
