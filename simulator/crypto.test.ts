import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isSignedBy, readPublicKey, seal, signedMessage, signText, unseal } from './crypto.ts'
import { hasVectors, readVectors, skipNote, textOf } from './testing/vectors.ts'

const aesFiles = ['aes-gcm.wechatpay-java', 'aes-gcm.wechatpay-axios-plugin'] as const

describe.skipIf(!hasVectors)(`published signatures${skipNote}`, () => {
  it('agrees with wechatpay-go about which signatures are valid', () => {
    const { cases, certificatePem = '', publicKeyPem = '' } = readVectors('v3-rsa-sha256.wechatpay-go')
    for (const each of cases) {
      const verdict = (pem: string): boolean =>
        isSignedBy(textOf(each, 'message'), textOf(each, 'signature'), createPublicKey(pem))
      expect([verdict(certificatePem), verdict(publicKeyPem)], textOf(each, 'name')).toEqual([
        each['valid'],
        each['valid'],
      ])
    }
    expect(cases).toHaveLength(4)
  })

  it('builds the message of a signed request as wechatpay-go does', () => {
    const { cases } = readVectors('v3-authorization-format.wechatpay-go')
    for (const each of cases) {
      const timestamp = String(each['timestamp'])
      const [method, url, nonce] = [textOf(each, 'method'), textOf(each, 'url'), textOf(each, 'nonceStr')]
      expect(signedMessage(method, url, timestamp, nonce, textOf(each, 'body'))).toBe(textOf(each, 'message'))
    }
    expect(cases).toHaveLength(3)
  })

  it('accepts the paySign of the official demo', () => {
    const { cases, publicKeyPem = '' } = readVectors('v3-jsapi-paysign.official-demo')
    for (const each of cases) {
      const fields = ['appId', 'timeStamp', 'nonceStr', 'package'].map((field) => textOf(each, field))
      const message = signedMessage(...fields)
      expect(message).toBe(textOf(each, 'message'))
      expect(isSignedBy(message, textOf(each, 'signature'), createPublicKey(publicKeyPem))).toBe(true)
    }
    expect(cases).toHaveLength(1)
  })

  it('agrees about which notifications carry a good signature', () => {
    const { cases, certificatePem = '' } = readVectors('v3-notify.generated')
    for (const each of cases) {
      const headers = each['headers'] as Record<string, string>
      const [timestamp = '', nonce = ''] = [headers['Wechatpay-Timestamp'], headers['Wechatpay-Nonce']]
      const message = signedMessage(timestamp, nonce, textOf(each, 'body'))
      const isGood = isSignedBy(
        message,
        headers['Wechatpay-Signature'] ?? '',
        createPublicKey(certificatePem),
      )
      const isProbe = textOf(each, 'name').includes('SIGNTEST')
      expect(isGood, textOf(each, 'name')).toBe(!isProbe)
    }
    expect(cases).toHaveLength(6)
  })
})

describe.skipIf(!hasVectors)(`published ciphertexts${skipNote}`, () => {
  it.each(aesFiles)('opens exactly what %s says can be opened', (name) => {
    const { cases } = readVectors(name)
    for (const each of cases) {
      const sealed = {
        ciphertext: textOf(each, 'ciphertext'),
        nonce: textOf(each, 'nonce'),
        associatedData: textOf(each, 'associatedData'),
      }
      const open = (): string => unseal(sealed, textOf(each, 'key'))
      if (each['valid'] === false) expect(open, textOf(each, 'name')).toThrow()
      else if (typeof each['plaintext'] === 'string') expect(open()).toBe(each['plaintext'])
      else expect(open, textOf(each, 'name')).not.toThrow()
    }
  })
})

const apiV3Key = 'an APIv3 key with 32 characters!'

describe('signing and sealing', () => {
  it('makes signatures that hold for exactly one message', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const signature = signText('message\n', privateKey)
    expect(isSignedBy('message\n', signature, publicKey)).toBe(true)
    expect(isSignedBy('message', signature, publicKey)).toBe(false)
    expect(isSignedBy('message\n', ` ${signature}`, publicKey)).toBe(false)
  })

  it('opens what it sealed and nothing that was touched', () => {
    const sealed = seal('茉莉花茶', apiV3Key, 'transaction')
    expect(sealed.nonce).toHaveLength(12)
    expect(unseal(sealed, apiV3Key)).toBe('茉莉花茶')
    expect(() => unseal({ ...sealed, associatedData: 'refund' }, apiV3Key)).toThrow()
    expect(() => unseal({ ...sealed, ciphertext: 'AAAA' }, apiV3Key)).toThrow('at least 16 bytes')
  })

  it('refuses a public key that is too short for the platform', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(() => readPublicKey(pem)).toThrow('at least 2048 bits')
  })
})
