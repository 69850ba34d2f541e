import { createPublicKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { pageMessage, requestMessage } from './canonical.ts'
import { createResourceOpener } from './resource-cipher.ts'
import { authorization, isSignatureOf } from './sign.ts'
import { merchantKeys, testAccount, testDeps } from './testing/account.ts'
import { createWechatpay } from './wechatpay.ts'

const FOLDER = new URL('../../../../shared/protocol/vectors/', import.meta.url)
const isHere = existsSync(FOLDER)
const where = isHere ? '' : ' (skipped: the folder ../shared/protocol/vectors is not here)'

const text = z.string()

function load<T>(name: string, shape: z.ZodType<T>): T | undefined {
  return isHere ? shape.parse(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))) : undefined
}

const notifyFile = z.object({
  certificatePem: text,
  certificateSerial: text,
  apiV3Key: text,
  now: z.int().optional(),
  cases: z.array(
    z.object({
      name: text,
      now: z.int().optional(),
      headers: z.record(z.string(), z.string()),
      body: text,
      valid: z.boolean(),
      stale: z.boolean().optional(),
      eventType: text.optional(),
      plaintext: text.optional(),
    }),
  ),
})
type NotifyFile = z.output<typeof notifyFile>

function readCase(file: NotifyFile, one: NotifyFile['cases'][number], apiV3Key: Buffer) {
  const platformKeys = [{ id: file.certificateSerial, publicKey: createPublicKey(file.certificatePem) }]
  const now = new Date((one.now ?? file.now ?? 0) * 1000)
  const platform = createWechatpay(
    testAccount({ platformKeys, apiV3Keys: [apiV3Key] }),
    testDeps({ now: () => now }),
  )
  onTestFinished(() => platform.disconnect())
  return platform.readNotification({ headers: Object.entries(one.headers), body: Buffer.from(one.body) })
}

describe.skipIf(!isHere)(`whole notifications${where}`, () => {
  const file = load('v3-notify.generated.json', notifyFile)
  it.each(file?.cases ?? [])('$name', async (one) => {
    if (file === undefined) return
    const reading = await readCase(file, one, Buffer.from(file.apiV3Key))
    if (one.stale === true) return expect(reading.verdict).toBe('STALE_TIMESTAMP')
    if (!one.valid) return expect(reading.verdict).toBe('PROBE')
    expect(reading).toMatchObject({ verdict: 'VERIFIED', eventType: one.eventType })
    const fact = reading.verdict === 'VERIFIED' ? reading.fact : null
    const said = z.object({ transaction_id: text }).parse(JSON.parse(one.plaintext ?? ''))
    return one.eventType === 'TRANSACTION.SUCCESS'
      ? expect(fact).toMatchObject({ transactionId: said.transaction_id, payeeMismatch: null })
      : expect(fact).toBeNull()
  })
})

describe.skipIf(!isHere)(`notifications sealed with a key of 16 bytes${where}`, () => {
  const file = load('v3-notify.wechatpay-go.json', notifyFile)

  it.each(file?.cases ?? [])('$name: the signature counts, the cipher is refused', async (one) => {
    if (file === undefined) return
    const reading = await readCase(file, one, Buffer.alloc(32))
    expect(reading.verdict).toBe(one.valid ? 'UNDECRYPTABLE' : 'BAD_SIGNATURE')
    if (one.valid) expect(reading).toMatchObject({ eventType: one.eventType })
  })

  it('have a key that stops the start', () => {
    expect(() => createResourceOpener([Buffer.from(file?.apiV3Key ?? '')])).toThrow(
      'An APIv3 key has 32 bytes',
    )
  })
})

const signatureCase = z.object({ signature: text, valid: z.boolean() })

describe.skipIf(!isHere)(`signatures${where}`, () => {
  const plain = load(
    'v3-rsa-sha256.wechatpay-go.json',
    z.object({
      certificatePem: text,
      publicKeyPem: text,
      cases: z.array(signatureCase.extend({ name: text, message: text })),
    }),
  )
  it.each(plain?.cases ?? [])('$name', ({ message, signature, valid }) => {
    for (const pem of [plain?.certificatePem ?? '', plain?.publicKeyPem ?? '']) {
      expect(isSignatureOf(Buffer.from(message), signature, createPublicKey(pem))).toBe(valid)
    }
  })

  const page = z.object({ appId: text, timeStamp: text, nonceStr: text, package: text, message: text })
  const pages = load(
    'v3-jsapi-paysign.official-demo.json',
    z.object({ publicKeyPem: text, cases: z.array(signatureCase.extend({ ...page.shape, name: text })) }),
  )
  it.each(pages?.cases ?? [])('$name', ({ message, signature, valid, ...parameters }) => {
    expect(pageMessage(parameters)).toBe(message)
    const key = createPublicKey(pages?.publicKeyPem ?? '')
    expect(isSignatureOf(Buffer.from(pageMessage(parameters)), signature, key)).toBe(valid)
  })

  const requests = load(
    'v3-authorization-format.wechatpay-go.json',
    z.object({
      cases: z.array(
        z.object({
          method: text,
          url: text,
          body: text,
          mchid: text,
          nonceStr: text,
          timestamp: z.int(),
          serialNo: text,
          message: text,
        }),
      ),
    }),
  )
  it.each(requests?.cases ?? [])(
    '$method $url',
    ({ method, url, body, nonceStr, timestamp, message, ...names }) => {
      const request = { method, path: url, body, nonce: nonceStr, timestamp: String(timestamp) }
      expect(requestMessage(request)).toBe(message)
      const account = testAccount({ mchId: names.mchid, certificateSerial: names.serialNo })
      const header = authorization(account, request)
      const [, signature = ''] = /signature="([^"]+)"/.exec(header) ?? []
      expect(isSignatureOf(Buffer.from(message), signature, merchantKeys.publicKey)).toBe(true)
      expect(header.replace(signature, '…')).toBe(
        `WECHATPAY2-SHA256-RSA2048 mchid="${names.mchid}",nonce_str="${nonceStr}",signature="…",timestamp="${timestamp}",serial_no="${names.serialNo}"`,
      )
    },
  )
})

describe.skipIf(!isHere)(`sealed resources${where}`, () => {
  const shape = z.object({
    cases: z.array(
      z.object({
        name: text,
        key: text,
        nonce: text,
        associatedData: text,
        ciphertext: text,
        plaintext: text.optional(),
        plaintextStartsWith: text.optional(),
        certificateSerial: text.optional(),
        valid: z.boolean(),
      }),
    ),
  })
  const files = ['aes-gcm.wechatpay-java.json', 'aes-gcm.wechatpay-axios-plugin.json']
  it.each(files.flatMap((name) => load(name, shape)?.cases ?? []))('$name', (one) => {
    const open = createResourceOpener([Buffer.from(one.key)])
    const { nonce, ciphertext, associatedData } = one
    const sealed = { algorithm: 'AEAD_AES_256_GCM', nonce, ciphertext, associated_data: associatedData }
    if (!one.valid) return expect(() => open(sealed)).toThrow()
    if (one.plaintext !== undefined) return expect(open(sealed)).toBe(one.plaintext)
    expect(open(sealed).startsWith(one.plaintextStartsWith ?? '')).toBe(true)
    return expect(new X509Certificate(open(sealed)).serialNumber).toBe(one.certificateSerial)
  })
})
