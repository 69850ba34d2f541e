import type { MerchantConfig } from '../config-file.ts'
import type { Platform } from '../domain/payment-fact.ts'
import type { Log } from '../operations/log.ts'
import type { MerchantPlatform } from './platform.ts'
import { createWechatpay } from './wechatpay/index.ts'

/** The accounts of all merchants at all platforms. */
export interface Platforms {
  /** The merchant's account at a platform; undefined when it has none. */
  of(merchantId: string, platform: Platform): MerchantPlatform | undefined
  /** Ends all calls to them, those under way too. */
  close(): void
}

type Merchants = readonly MerchantConfig[]

/** The platform's keys for all merchants but one, found when they are asked for. */
function* keysOfOthers(merchants: Merchants, self: string) {
  for (const { id: merchantId, wechatpay } of merchants) {
    if (merchantId === self) continue
    for (const { id, publicKey } of wechatpay?.platformKeys ?? []) yield { merchantId, id, publicKey }
  }
}

function* secretsOfOthers(merchants: Merchants, self: string) {
  for (const { id: merchantId, wechatpay } of merchants) {
    if (merchantId !== self && wechatpay !== undefined) yield { merchantId, apiV3Key: wechatpay.apiV3Key }
  }
}

/** Builds the accounts that the configuration describes. `publicUrl`: where the platforms find the notify routes. */
export function connectPlatforms({
  merchants,
  publicUrl,
  now,
  log,
}: {
  readonly merchants: Merchants
  readonly publicUrl: string
  readonly now: () => Date
  readonly log: Log
}): Platforms {
  const accounts = new Map<string, MerchantPlatform>()
  for (const { id, wechatpay } of merchants) {
    if (wechatpay === undefined) continue
    const notifyUrl = `${publicUrl}/notify/wechatpay/v3/${id}`
    const otherKeys = () => keysOfOthers(merchants, id)
    const otherSecrets = () => secretsOfOthers(merchants, id)
    const deps = { now, log, otherKeys, otherSecrets }
    accounts.set(`WECHATPAY ${id}`, createWechatpay({ ...wechatpay, notifyUrl }, deps))
  }
  return {
    of: (merchantId, platform) => accounts.get(`${platform} ${merchantId}`),
    close() {
      for (const account of accounts.values()) account.disconnect()
    },
  }
}
