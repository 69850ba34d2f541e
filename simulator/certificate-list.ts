import { X509Certificate } from 'node:crypto'
import { ApiError } from './api-error.ts'
import { toChinaTime } from './clock.ts'
import { seal } from './crypto.ts'
import type { Merchant } from './merchants.ts'
import type { PlatformKeys, SigningMode } from './platform-keys.ts'

/**
 * The answer to a download of platform certificates, encrypted for one merchant.
 * @throws {ApiError} RESOURCE_NOT_EXISTS where only the public key is in use, as for merchants who signed up since
 */
export function certificateList(
  keys: PlatformKeys,
  signWith: SigningMode,
  merchant: Merchant,
): Readonly<Record<string, unknown>> {
  if (signWith === 'public-key') {
    throw new ApiError(404, 'RESOURCE_NOT_EXISTS', {
      message: '无可用的平台证书，请在商户平台查看使用微信支付公钥',
    })
  }
  const { serialNo, pem } = keys.certificate
  const read = new X509Certificate(pem)
  const sealed = seal(pem, merchant.apiV3Key, 'certificate')
  const entry = {
    serial_no: serialNo,
    effective_time: toChinaTime(new Date(read.validFrom)),
    expire_time: toChinaTime(new Date(read.validTo)),
    encrypt_certificate: {
      algorithm: 'AEAD_AES_256_GCM',
      nonce: sealed.nonce,
      associated_data: sealed.associatedData,
      ciphertext: sealed.ciphertext,
    },
  }
  return { data: [entry] }
}
