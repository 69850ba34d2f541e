import type { MerchantConfig } from '../config-file.ts'
import type { Platform } from '../domain/payment-fact.ts'
import type { Log } from '../operations/log.ts'
import type { MerchantPlatform } from './platform.ts'
import { createWechatpay } from './wechatpay/index.ts'

/** The accounts of all merchants at all platforms. */
export interface Platforms {
  /** The merchant's account at a platform; undefined when it has none. */
  of(merchantId: string, platform: Platform): MerchantPlatform | undefined
  close(): void
}

/** Builds the accounts that the configuration describes. `publicUrl`: where the platforms find the notify routes. */
export function connectPlatforms({
  merchants,
  publicUrl,
  now,
  log,
}: {
  readonly merchants: readonly MerchantConfig[]
  readonly publicUrl: string
  readonly now: () => Date
  readonly log: Log
}): Platforms {
  const accounts = new Map<string, MerchantPlatform>()
  for (const { id, wechatpay } of merchants) {
    if (wechatpay === undefined) continue
    const notifyUrl = `${publicUrl}/notify/wechatpay/v3/${id}`
    accounts.set(`WECHATPAY ${id}`, createWechatpay({ ...wechatpay, notifyUrl }, { now, log }))
  }
  return {
    of: (merchantId, platform) => accounts.get(`${platform} ${merchantId}`),
    close() {
      for (const account of accounts.values()) account.close()
    },
  }
}
