import { onTestFinished } from 'vitest'
import { toFen } from '../../src/domain/money.ts'
import { connectPlatforms } from '../../src/platforms/connect.ts'
import type { MerchantPlatform } from '../../src/platforms/platform.ts'
import type { TestGateway } from './gateway.ts'

/** Nothing listens there: what the platform reports to the other system does not matter. */
const ITS_URL = 'http://127.0.0.1:9'

/** Another system of the first merchant, which uses the same account at the platform. */
export interface OtherSystem {
  /** Opens a payment under a number. */
  open(platformTradeNo: string): Promise<void>
  close(platformTradeNo: string): Promise<void>
}

/** See `OtherSystem`. Its payments have another notify URL, so that the platform takes them for other payments. */
export function otherSystem({ parts, merchant }: TestGateway): OtherSystem {
  const platforms = connectPlatforms({ ...parts, publicUrl: ITS_URL })
  onTestFinished(() => platforms.close())
  const account: MerchantPlatform | undefined = platforms.of('acme', 'WECHATPAY')
  if (account === undefined) throw new Error('The merchant has no account.')
  return {
    async open(platformTradeNo) {
      await account.prepay({
        platformTradeNo,
        description: 'coffee',
        amount: { total: toFen(100), currency: 'CNY' },
        expiresAt: new Date(Math.floor(parts.now().getTime() / 1000) * 1000 + 86_400_000),
        appId: merchant.appIds[0],
        payerId: 'o-somebody',
      })
    },
    async close(platformTradeNo) {
      await account.close(platformTradeNo)
    },
  }
}
