import { createSign, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { Formatter, Rsa, Wechatpay } from 'wechatpay-axios-plugin'
import type { MerchantOptions } from '../merchants.ts'
import { makePlatformKeys } from '../platform-keys.ts'
import { createSimulator } from '../simulator.ts'
import type { Simulator, SimulatorOptions } from '../simulator.ts'

/** A merchant whose private key the test holds. */
export type TestMerchant = MerchantOptions & { readonly privateKeyPem: string }

/** The appid of the test merchant. */
const appId = 'wxd678efh567hg6787'
/** An address at which nobody listens. */
const deafUrl = 'http://127.0.0.1:1/notify'

const makeMerchant = (): TestMerchant => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return {
    mchId: '1900000109',
    name: 'Acme Tea',
    appIds: [appId],
    certificateSerial: '0A1B2C3D4E5F60718293A4B5C6D7E8F901234567',
    publicKeyPem: publicKey,
    apiV3Key: 'an APIv3 key with 32 characters!',
    privateKeyPem: privateKey,
  }
}

/** The merchant of all tests of one file. */
export const merchant: TestMerchant = makeMerchant()

const platformKeys = await makePlatformKeys(new Date())

/** Starts a simulator for the test merchant that ends with the test. */
export async function startSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await createSimulator({ merchants: [merchant], platformKeys, ...options })
  onTestFinished(() => simulator.close())
  return simulator
}

/** Gives one simulator to all tests of a group, for tests that leave no trace in it. */
export function shareSimulator(): () => Simulator {
  let shared: Simulator | undefined
  beforeAll(async () => {
    shared = await createSimulator({ merchants: [merchant], platformKeys })
  })
  afterAll(() => shared?.close())
  return () => {
    if (!shared) throw new Error('the simulator is there only while tests run')
    return shared
  }
}

/** A client of another maker, pointed at a simulator: it signs requests and refuses answers not signed properly. */
export const clientOf = (simulator: Simulator, certs?: Record<string, string>): Wechatpay =>
  new Wechatpay({
    mchid: merchant.mchId,
    serial: merchant.certificateSerial,
    privateKey: merchant.privateKeyPem,
    certs: certs ?? { [simulator.platformKey.id]: simulator.platformKey.publicKeyPem },
    baseURL: simulator.url,
    validateStatus: null,
    proxy: false,
  })

/** The body of a valid prepay request; `change` replaces or adds fields. */
export const prepayBody = (change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  appid: appId,
  mchid: merchant.mchId,
  description: 'Jasmine tea 茉莉花茶',
  out_trade_no: 'T20260101000001',
  notify_url: deafUrl,
  amount: { total: 1, currency: 'CNY' },
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  ...change,
})

/** What may be wrong about a request that is signed by hand. */
export type Tampering = {
  readonly serial?: string
  readonly mchId?: string
  /** Seconds that the merchant's clock is ahead. */
  readonly clockSkew?: number
  /** Sent instead of the body that was signed. */
  readonly sentBody?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer of the platform API, its body read as JSON. */
export type PlatformAnswer = { readonly status: number; readonly headers: Headers; readonly body: unknown }

/** Calls the platform API with a request signed by hand, so that each part of it can be spoilt. */
export async function call(
  simulator: Simulator,
  request: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown },
  tampering: Tampering = {},
): Promise<PlatformAnswer> {
  const { method, path } = request
  const text = request.body === undefined ? '' : JSON.stringify(request.body)
  const timestamp = String(Formatter.timestamp() + (tampering.clockSkew ?? 0))
  const nonce = Formatter.nonce()
  const message = Formatter.request(method, path, timestamp, nonce, text)
  const signature = createSign('sha256WithRSAEncryption')
    .update(message)
    .sign(merchant.privateKeyPem, 'base64')
  const { mchId = merchant.mchId, serial = merchant.certificateSerial } = tampering
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'User-Agent': 'a test',
      Authorization: Formatter.authorization(mchId, nonce, signature, timestamp, serial),
      ...tampering.headers,
    },
    ...(method === 'POST' ? { body: tampering.sentBody ?? text } : {}),
  })
  const answer = await response.text()
  const body: unknown = answer === '' ? undefined : JSON.parse(answer)
  return { status: response.status, headers: response.headers, body }
}

/** Opens an order with the other maker's client and gives its prepay_id. */
export async function placeOrder(
  simulator: Simulator,
  change?: Readonly<Record<string, unknown>>,
): Promise<string> {
  const answer = await clientOf(simulator)
    .chain('v3/pay/transactions/jsapi')
    .post<unknown>(prepayBody(change))
  const { data } = answer as { data: { prepay_id: string } }
  return data.prepay_id
}

/** The six parameters that a page hands to the WeChat client. */
export function invocation(prepayId: string): Record<string, string> {
  const [timeStamp, nonceStr] = [String(Formatter.timestamp()), Formatter.nonce()]
  const packageText = `prepay_id=${prepayId}`
  const message = Formatter.joinedByLineFeed(appId, timeStamp, nonceStr, packageText)
  const paySign = Rsa.sign(message, merchant.privateKeyPem)
  return { appId, timeStamp, nonceStr, package: packageText, signType: 'RSA', paySign }
}

/** Waits until something is so, looking again at each change. */
export function until(simulator: Simulator, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo()) return
      stop()
      resolve()
    }
    const stop = simulator.onChange(look)
    look()
  })
}
