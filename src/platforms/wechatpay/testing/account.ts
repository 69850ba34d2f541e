import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync } from 'node:crypto'
import type { WechatpayAccount, WechatpayDeps } from '../account.ts'

/** The moment at which tests happen. */
export const NOW = new Date('2026-01-01T00:00:00+08:00')

/** The id that the tests' platform key goes by. */
export const KEY_ID = 'PUB_KEY_ID_0119000001092026010100000001'

/** An APIv3 key that guards nothing. */
export const API_V3_KEY = Buffer.from('an-api-v3-key-that-guards-naught')

/** A fresh RSA key pair of 2048 bits. */
export function throwAwayKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** The tests' platform and merchant; made once for each test file. */
export const platformKeys = throwAwayKeys()
export const merchantKeys = throwAwayKeys()

/** An account that trusts `platformKeys` under `KEY_ID`, with some things changed. */
export function testAccount(changes: Partial<WechatpayAccount> = {}): WechatpayAccount {
  return {
    mchId: '1900000109',
    appIds: ['wxd678efh567hg6787', 'wx0000000000000002'],
    certificateSerial: '3775B6A45ACD588826D15E583A95F5DD0000AAAA',
    privateKey: merchantKeys.privateKey,
    apiV3Keys: [API_V3_KEY],
    platformKeys: [{ id: KEY_ID, publicKey: platformKeys.publicKey }],
    apiBaseUrl: 'http://127.0.0.1:1',
    apiFallbackUrl: null,
    notifyUrl: 'https://pay.example.com/notify/wechatpay/v3/acme',
    ...changes,
  }
}

/** A log that keeps its lines. */
export function recordingLog() {
  const lines: { readonly level: string; readonly details: object; readonly message: string }[] = []
  return {
    lines,
    info: (details: object, message: string) => void lines.push({ level: 'info', details, message }),
    warn: (details: object, message: string) => void lines.push({ level: 'warn', details, message }),
  }
}

/** Surroundings in which it is always `NOW` and nobody waits between tries. */
export function testDeps(changes: Partial<WechatpayDeps> = {}): WechatpayDeps {
  return { now: () => NOW, log: recordingLog(), pauseMs: () => 0, ...changes }
}
