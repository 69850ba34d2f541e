import { createPublicKey, randomBytes } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../../simulator/simulator.ts'
import type { MerchantPlatform } from '../platform.ts'
import { merchantKeys, testAccount } from './testing/account.ts'
import { REQUEST } from './testing/prepaying.ts'
import { openAccount } from './testing/reading.ts'

const { mchId, appIds, certificateSerial } = testAccount()

/** A merchant's account at a simulated platform, on real clocks. */
async function atSimulator() {
  const apiV3Key = randomBytes(16).toString('hex')
  const publicKeyPem = merchantKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const merchant = { mchId, name: 'Acme Tea', appIds, certificateSerial, publicKeyPem, apiV3Key }
  const simulator = await createSimulator({ merchants: [merchant] })
  onTestFinished(() => simulator.close())
  const { id, publicKeyPem: platformPem } = simulator.platformKey
  const account = {
    apiBaseUrl: simulator.url,
    apiV3Keys: [Buffer.from(apiV3Key)] as const,
    platformKeys: [{ id, publicKey: createPublicKey(platformPem) }],
    notifyUrl: 'http://127.0.0.1:1/notify',
  }
  const platform = openAccount({ account, deps: { now: () => new Date() } })
  return { platform, pay: (outTradeNo: string) => simulator.pay({ mchId, outTradeNo }) }
}

function open(platform: MerchantPlatform, platformTradeNo: string) {
  return platform.prepay({ ...REQUEST, platformTradeNo, expiresAt: new Date(Date.now() + 3_600_000) })
}

it('a payment at the simulated platform is asked for and closed through its whole life', async () => {
  const { platform, pay } = await atSimulator()
  const [paid, unpaid] = ['T2026*0101|1', 'T2026*0101|2'] as const
  await expect(platform.query(paid)).resolves.toEqual({ kind: 'absent' })
  await expect(platform.close(paid)).resolves.toBe('absent')
  await open(platform, paid)
  await open(platform, unpaid)
  await expect(platform.query(paid)).resolves.toEqual({ kind: 'open', platformState: 'NOTPAY' })

  const { transactionId } = await pay(paid)
  await expect(platform.query(paid)).resolves.toMatchObject({
    kind: 'paid',
    fact: { platformTradeNo: paid, transactionId, total: 100, source: 'QUERY', payeeMismatch: null },
  })
  await expect(platform.close(paid)).resolves.toBe('paid')

  await expect(platform.close(unpaid)).resolves.toBe('closed')
  await expect(platform.close(unpaid)).resolves.toBe('closed')
  await expect(platform.query(unpaid)).resolves.toEqual({ kind: 'closed', platformState: 'CLOSED' })
})
