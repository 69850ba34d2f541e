import { PaymentError } from '../domain/errors.ts'
import type { PaymentAttempt, Platform } from '../domain/payment-fact.ts'
import type { TradeNumber } from '../domain/trade-number.ts'
import type { MerchantPlatform } from '../platforms/platform.ts'
import type { OrderPorts } from './ports.ts'

/** How the payer wants to pay, unchecked. */
export interface PaymentInput {
  readonly platform: Platform
  /** The payer's id at the platform, e.g. the openid under `appId`. */
  readonly payerId: string
  /** The merchant's first app id when absent. */
  readonly appId: string | undefined
}

/** How the payer pays: checked, and with the merchant's account that makes it possible. */
export interface PaymentChoice {
  readonly account: MerchantPlatform
  readonly appId: string
  readonly payerId: string
}

const PAYER_ID = /^[\x21-\x7e]{1,128}$/

function invalid(field: string, expectation: string): PaymentError {
  return new PaymentError('INVALID_INPUT', `${field} ${expectation}.`, { field })
}

/**
 * Checks how the payer wants to pay.
 * @throws {PaymentError} INVALID_INPUT when the merchant has no such account or app id, or the payer's id is no id
 */
export function choosePayment(ports: OrderPorts, merchantId: string, input: PaymentInput): PaymentChoice {
  const field = `payment.${input.platform.toLowerCase()}`
  const account = ports.platformOf(merchantId, input.platform)
  const [defaultAppId] = account?.appIds ?? []
  if (account === undefined || defaultAppId === undefined) {
    throw invalid(field, 'cannot be used: this merchant has no account there')
  }
  const appId = input.appId ?? defaultAppId
  if (!account.appIds.includes(appId))
    throw invalid(`${field}.appId`, "must be one of this merchant's app ids")
  if (!PAYER_ID.test(input.payerId)) {
    throw invalid(`${field}.openid`, 'must be 1 to 128 printable characters without spaces')
  }
  return { account, appId, payerId: input.payerId }
}

/** The choice that an attempt was made with. */
export function choiceOf(ports: OrderPorts, merchantId: string, attempt: PaymentAttempt): PaymentChoice {
  const { platform, appId, payerId } = attempt
  return choosePayment(ports, merchantId, { platform, appId, payerId })
}

/** Who pays under a number. */
type Payer = Pick<TradeNumber, 'platform' | 'appId' | 'payerId'>

/** Tells whether an attempt or a number is of the same payer under the same app. */
export function isMadeBy({ platform, appId, payerId }: Payer, choice: PaymentChoice): boolean {
  return platform === choice.account.platform && appId === choice.appId && payerId === choice.payerId
}
