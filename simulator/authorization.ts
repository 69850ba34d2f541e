import { ApiError } from './api-error.ts'
import type { ErrorDetail } from './api-error.ts'
import { toUnixSeconds } from './clock.ts'
import { isSignedBy, signedMessage } from './crypto.ts'
import type { Merchant, Merchants } from './merchants.ts'

/** A request as it came in, byte for byte. */
export type SignedRequest = {
  readonly method: string
  /** Path and query exactly as sent. */
  readonly url: string
  readonly authorization: string | undefined
  readonly body: Buffer
}

type Claims = Readonly<Record<(typeof claimNames)[number], string>>

const scheme = 'WECHATPAY2-SHA256-RSA2048 '
const claimNames = ['mchid', 'serial_no', 'timestamp', 'nonce_str', 'signature'] as const
const maxClockSkewSeconds = 300
const maxNonceLength = 32
const shownBodyBytes = 12

const refused = (message: string, detail: ErrorDetail): ApiError =>
  new ApiError(401, 'SIGN_ERROR', { message, detail: { location: 'authorization', ...detail } })

const malformed = (issue: string): ApiError =>
  refused('Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》', {
    field: 'Authorization',
    issue,
  })

function readClaims(header: string | undefined): Claims {
  if (header === undefined) throw malformed('the header is missing')
  if (!header.startsWith(scheme)) throw malformed(`the scheme must be ${scheme.trim()}`)
  const given = new Map<string, string>()
  for (const part of header.slice(scheme.length).split(',')) {
    const [, name, value] = /^\s*([a-z_]+)="([^"]*)"\s*$/.exec(part) ?? []
    if (name === undefined || value === undefined)
      throw malformed('expected name="value" separated by commas')
    if (given.has(name)) throw malformed(`${name} occurs twice`)
    given.set(name, value)
  }
  const claim = (name: (typeof claimNames)[number]): string => {
    const value = given.get(name)
    if (value === undefined || value === '') throw malformed(`${name} is missing`)
    return value
  }
  return {
    mchid: claim('mchid'),
    serial_no: claim('serial_no'),
    timestamp: claim('timestamp'),
    nonce_str: claim('nonce_str'),
    signature: claim('signature'),
  }
}

function checkTime(claims: Claims, now: Date): void {
  if (!/^\d{1,12}$/.test(claims.timestamp)) throw malformed('timestamp must be Unix seconds in digits')
  if (Math.abs(toUnixSeconds(now) - Number(claims.timestamp)) > maxClockSkewSeconds) {
    const issue = `the clocks may differ by ${maxClockSkewSeconds} seconds at most`
    const message = 'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟'
    throw refused(message, { field: 'timestamp', value: claims.timestamp, issue })
  }
}

/** The platform shows what it verified, with the body cut, so that one can compare it with what one signed. */
function mismatch(request: SignedRequest, claims: Claims): ApiError {
  const head = signedMessage(request.method, request.url, claims.timestamp, claims.nonce_str)
  return refused('错误的签名，验签失败', {
    field: 'signature',
    detail: { issue: 'sign not match' },
    sign_information: {
      method: request.method,
      url: request.url,
      truncated_sign_message: `${head}${request.body.subarray(0, shownBodyBytes).toString()}`,
      sign_message_length: Buffer.byteLength(head) + request.body.length + 1,
    },
  })
}

/**
 * Finds out which merchant signed a request.
 * @throws {ApiError} SIGN_ERROR when the header is malformed, the merchant or its serial is unknown, the time is
 *   more than 300 s off, or the signature is not the merchant's over exactly this request.
 */
export function authenticate(request: SignedRequest, merchants: Merchants, now: Date): Merchant {
  const claims = readClaims(request.authorization)
  if (claims.nonce_str.length > maxNonceLength) {
    throw malformed(`nonce_str must have at most ${maxNonceLength} characters`)
  }
  const merchant = merchants.get(claims.mchid)
  if (!merchant)
    throw refused('商户号不存在', { field: 'mchid', value: claims.mchid, issue: 'unknown merchant' })
  if (claims.serial_no.toUpperCase() !== merchant.certificateSerial.toUpperCase()) {
    const issue = 'not the serial number of the API certificate of this merchant'
    const message = '商户证书序列号有误，请使用签名私钥匹配的证书序列号'
    throw refused(message, { field: 'serial_no', value: claims.serial_no, issue })
  }
  checkTime(claims, now)
  const head = signedMessage(request.method, request.url, claims.timestamp, claims.nonce_str)
  const message = Buffer.concat([Buffer.from(head), request.body, Buffer.from('\n')])
  if (!isSignedBy(message, claims.signature, merchant.publicKey)) throw mismatch(request, claims)
  return merchant
}
