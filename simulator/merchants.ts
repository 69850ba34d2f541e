import type { KeyObject } from 'node:crypto'
import { readPublicKey } from './crypto.ts'

/** A merchant that the simulated platform knows. */
export type MerchantOptions = {
  readonly mchId: string
  /** Shown to the payer at the cashier. */
  readonly name: string
  /** The appids that are bound to this merchant. */
  readonly appIds: readonly string[]
  /** Serial number of the merchant API certificate, hex. */
  readonly certificateSerial: string
  /** The merchant's own public key (or its API certificate), PEM. */
  readonly publicKeyPem: string
  /** 32 bytes of text. */
  readonly apiV3Key: string
}

/** A merchant with its key read. */
export type Merchant = Omit<MerchantOptions, 'publicKeyPem'> & { readonly publicKey: KeyObject }

/** Finds a merchant by its number. */
export type Merchants = ReadonlyMap<string, Merchant>

const apiV3KeyBytes = 32

function admit({ publicKeyPem, ...merchant }: MerchantOptions): Merchant {
  if (Buffer.byteLength(merchant.apiV3Key) !== apiV3KeyBytes) {
    throw new Error(`merchant ${merchant.mchId}: the APIv3 key must have exactly ${apiV3KeyBytes} bytes`)
  }
  try {
    return { ...merchant, publicKey: readPublicKey(publicKeyPem) }
  } catch (cause) {
    throw new Error(`merchant ${merchant.mchId}: the public key cannot be read as RSA PEM`, { cause })
  }
}

/**
 * Reads the merchants' keys, so that a wrong one stops the start rather than the first payment.
 * @throws {Error} naming the merchant whose key is wrong, or that is listed twice.
 */
export function admitMerchants(options: readonly MerchantOptions[]): Merchants {
  const merchants = new Map<string, Merchant>()
  for (const merchant of options.map(admit)) {
    if (merchants.has(merchant.mchId)) throw new Error(`merchant ${merchant.mchId} is listed twice`)
    merchants.set(merchant.mchId, merchant)
  }
  return merchants
}
