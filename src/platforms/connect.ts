import type { MerchantConfig } from '../config-file.ts'
import type { ProxySettings } from '../config-proxy.ts'
import type { Platform } from '../domain/payment-fact.ts'
import type { Log } from '../operations/log.ts'
import type { AccountReadiness, MerchantPlatform } from './platform.ts'
import { createProxiedFetch } from './proxied-fetch.ts'
import type { WechatpayDeps } from './wechatpay/account.ts'
import { createWechatpay } from './wechatpay/index.ts'

/** The accounts of all merchants at all platforms. */
export interface Platforms {
  /** The merchant's account at a platform; undefined when it has none. */
  of(merchantId: string, platform: Platform): MerchantPlatform | undefined
  /** Whether calls of the merchant are sent: that of its readiest account, and `ready` when it has none. */
  readiness(merchantId: string): AccountReadiness
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
    if (merchantId !== self && wechatpay !== undefined) yield { merchantId, apiV3Keys: wechatpay.apiV3Keys }
  }
}

/** Each line of an account's log names the merchant. */
function logFor(merchantId: string, log: Log): WechatpayDeps['log'] {
  return {
    info: (details, message) => log.info({ merchantId, ...details }, message),
    warn: (details, message) => log.warn({ merchantId, ...details }, message),
  }
}

/** What every account is given by its surroundings. */
export interface PlatformDeps {
  readonly merchants: Merchants
  /** Where the platforms find the notify routes. */
  readonly publicUrl: string
  readonly now: () => Date
  readonly log: Log
  /** Which proxies calls go through; none when absent. */
  readonly proxy?: ProxySettings | null
  /** Called with the time in each answer of a platform. */
  readonly onPlatformTime?: WechatpayDeps['onPlatformTime']
  /** What differs from the usual limits of calls to platforms. */
  readonly callLimits?: Pick<WechatpayDeps, 'timeoutMs' | 'deadlineMs' | 'breakerLimits'>
}

function openAccounts(
  { merchants, publicUrl, now, log, callLimits, onPlatformTime }: PlatformDeps,
  fetch: WechatpayDeps['fetch'],
) {
  return merchants.flatMap(({ id, wechatpay }) => {
    if (wechatpay === undefined) return []
    const notifyUrl = `${publicUrl}/notify/wechatpay/v3/${id}`
    const otherKeys = () => keysOfOthers(merchants, id)
    const otherSecrets = () => secretsOfOthers(merchants, id)
    const others = {
      otherKeys,
      otherSecrets,
      ...(onPlatformTime && { onPlatformTime }),
      ...(fetch && { fetch }),
    }
    const deps = { ...callLimits, ...others, now, log: logFor(id, log) }
    return [{ merchantId: id, account: createWechatpay({ ...wechatpay, notifyUrl }, deps) }]
  })
}

const READIEST: readonly AccountReadiness[] = ['ready', 'trial', 'paused']

/** Builds the accounts that the configuration describes. */
export function connectPlatforms(deps: PlatformDeps): Platforms {
  const proxied = deps.proxy ? createProxiedFetch(deps.proxy) : undefined
  const all = openAccounts(deps, proxied?.fetch)
  const accounts = new Map(
    all.map(({ merchantId, account }) => [`${account.platform} ${merchantId}`, account] as const),
  )
  const ofMerchants = new Map<string, MerchantPlatform[]>()
  for (const { merchantId, account } of all)
    ofMerchants.set(merchantId, [...(ofMerchants.get(merchantId) ?? []), account])
  return {
    of: (merchantId, platform) => accounts.get(`${platform} ${merchantId}`),
    readiness(merchantId) {
      const states = new Set(ofMerchants.get(merchantId)?.map((account) => account.readiness()))
      return READIEST.find((state) => states.has(state)) ?? 'ready'
    },
    close() {
      for (const account of accounts.values()) account.disconnect()
      proxied?.close()
    },
  }
}
