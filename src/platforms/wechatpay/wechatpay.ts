import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import type { MerchantPlatform } from '../platform.ts'
import type { WechatpayAccount, WechatpayDeps } from './account.ts'
import { downloadCertificates } from './certificates.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { createClient } from './client.ts'
import { close } from './close.ts'
import { createExplainer } from './explain/explain.ts'
import { digestSignedBy } from './explain/signed-digest.ts'
import type { KeyRing } from './key-ring.ts'
import { createKeyRing } from './key-ring.ts'
import { readGenuine, readNotification } from './notification.ts'
import { signPageParameters } from './page-parameters.ts'
import { prepay } from './prepay.ts'
import { query } from './query.ts'
import { createResourceOpener } from './resource-cipher.ts'
import { randomNonce as freshNonce } from './sign.ts'
import { jitteredPauseMs } from './tries.ts'

function requireRsa(name: string, key: KeyObject): void {
  if (key.asymmetricKeyType === 'rsa') return
  throw new TypeError(`${name} is an RSA key, not ${key.asymmetricKeyType ?? key.type}.`)
}

function requireRsaKeys(account: WechatpayAccount): void {
  requireRsa(`The private key of merchant ${account.mchId}`, account.privateKey)
  for (const { id, publicKey } of account.platformKeys) requireRsa(`The platform key ${id}`, publicKey)
}

/** How an account is called. */
function callSettings(account: WechatpayAccount, deps: WechatpayDeps) {
  return {
    account,
    now: deps.now,
    log: deps.log,
    fetch: deps.fetch ?? fetch,
    publicKeyId: account.platformKeys.find(({ id }) => id.startsWith('PUB_KEY_ID_'))?.id,
    timeoutMs: deps.timeoutMs ?? 5000,
    deadlineMs: deps.deadlineMs ?? 12_000,
    pauseMs: deps.pauseMs ?? jitteredPauseMs,
    ...(deps.onPlatformTime && { onPlatformTime: deps.onPlatformTime }),
  }
}

/**
 * Opens one merchant's account at WeChat Pay (API v3). An account without configured platform keys starts to
 * download the platform's certificates at once.
 * @throws {RangeError} when the APIv3 key has not 32 bytes
 * @throws {TypeError} when a key is not an RSA key
 */
export function createWechatpay(account: WechatpayAccount, deps: WechatpayDeps): MerchantPlatform {
  requireRsaKeys(account)
  const { now, log } = deps
  const randomNonce = deps.randomNonce ?? freshNonce
  const open = createResourceOpener(account.apiV3Keys)
  const findKey = (serial: string): Promise<KeyObject | undefined> => ring.find(serial)
  const breaker = createCircuitBreaker({
    log,
    elapsedMs: deps.elapsedMs ?? (() => performance.now()),
    ...(deps.breakerLimits && { limits: deps.breakerLimits }),
  })
  const client = createClient({ ...callSettings(account, deps), breaker, randomNonce, findKey })
  const ring: KeyRing = createKeyRing({
    configured: account.platformKeys,
    download: (knownKey, signal) => downloadCertificates({ client, open, now }, knownKey, signal),
    now,
    log,
  })
  const explain = createExplainer({
    account,
    merchantKey: createPublicKey(account.privateKey),
    ringKeys: () => ring.keys(),
    otherKeys: deps.otherKeys ?? (() => []),
    otherSecrets: deps.otherSecrets ?? (() => []),
    openSignature: digestSignedBy,
  })
  const reading = { account, open, explain }
  return {
    platform: 'WECHATPAY',
    appIds: account.appIds,
    readiness: breaker.readiness,
    prepay: (request) => prepay(request, { account, client, now }),
    query: (tradeNo) => query(tradeNo, { account, client }),
    close: (tradeNo) => close(tradeNo, { account, client }),
    pageParameters: (attempt) => ({ wechatpay: signPageParameters(attempt, { account, now, randomNonce }) }),
    readNotification: (raw, { at } = {}) =>
      readNotification(raw, { ...reading, findKey, now: at === undefined ? now : () => at }),
    readStored: (body) => readGenuine(body, reading),
    disconnect() {
      ring.close()
      client.close()
    },
  }
}
