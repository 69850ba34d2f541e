import { quoted } from './refusal.ts'
import type { WechatpayAccount } from './account.ts'

/** The account that money must have gone to. */
export type Payee = Pick<WechatpayAccount, 'mchId' | 'appIds'>

/** The fields in which the platform names who was paid. The `sp_` and `sub_` ones are those of service providers. */
export interface PayeeFields {
  readonly mchid?: string | undefined
  readonly sp_mchid?: string | undefined
  readonly sub_mchid?: string | undefined
  readonly appid?: string | undefined
  readonly sp_appid?: string | undefined
  readonly sub_appid?: string | undefined
}

const MERCHANT_FIELDS = ['mchid', 'sp_mchid', 'sub_mchid'] as const
const APP_FIELDS = ['appid', 'sp_appid', 'sub_appid'] as const

function as(field: string, documented: string): string {
  return field === documented ? '' : ` (as its ${field})`
}

/**
 * One sentence about the first field that names another merchant or app than this account's; null when none does. Every
 * field that the platform sends is compared.
 */
export function payeeMismatch(named: PayeeFields, payee: Payee): string | null {
  return merchantMismatch(named, payee) ?? appMismatch(named, payee)
}

/** The same for the fields that name a merchant. */
export function merchantMismatch(named: PayeeFields, { mchId }: Pick<Payee, 'mchId'>): string | null {
  for (const field of MERCHANT_FIELDS) {
    const value = named[field]
    if (value === undefined || value === mchId) continue
    return `The money went to merchant ${quoted(value)}${as(field, 'mchid')}; this account is merchant ${mchId}.`
  }
  return null
}

function appMismatch(named: PayeeFields, { appIds }: Pick<Payee, 'appIds'>): string | null {
  for (const field of APP_FIELDS) {
    const value = named[field]
    if (value === undefined || appIds.includes(value)) continue
    return `The payment was made in app ${quoted(value)}${as(field, 'appid')}, which is not among this account's apps.`
  }
  return null
}
