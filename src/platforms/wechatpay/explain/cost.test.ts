import type { KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { platformKeys, testAccount, merchantKeys, throwAwayKeys } from '../testing/account.ts'
import { noticeOf, PAYMENT, signedNotice } from '../testing/notice.ts'
import { explanationIn, read } from '../testing/reading.ts'
import { createExplainer } from './explain.ts'
import type { OtherKey } from './known.ts'
import { mutationsOf } from './mutations.ts'
import { digestSignedBy } from './signed-digest.ts'

const stranger = throwAwayKeys()
const { body } = noticeOf(PAYMENT)

/** A list without end that counts how far it is read. */
function endlessKeys(publicKey: KeyObject) {
  const counted = { keys: 0 }
  function* otherKeys(): Generator<OtherKey> {
    while (true) {
      counted.keys += 1
      yield { merchantId: 'bravo', id: `PUB_KEY_ID_${counted.keys}`, publicKey }
    }
  }
  return { counted, otherKeys }
}

/** Explains a message and counts the RSA operations. */
function countOpenings(privateKey: KeyObject, body: Buffer) {
  const counted = { openings: 0 }
  const explain = createExplainer({
    account: testAccount(),
    merchantKey: merchantKeys.publicKey,
    ringKeys: () => testAccount().platformKeys,
    otherKeys: endlessKeys(platformKeys.publicKey).otherKeys,
    otherSecrets: () => [],
    openSignature(publicKey, signature) {
      counted.openings += 1
      return digestSignedBy(publicKey, signature)
    },
  })
  const { headers } = signedNotice(body.toString(), { privateKey })
  explain({ kind: 'signature-wrong' }, { headers, body: Buffer.concat([body, Buffer.from('x')]) })
  return counted.openings
}

function guesses(body: string): number {
  return [...mutationsOf(Buffer.from(body))].length
}

describe('what a refused message may cost', () => {
  it('is at most 32 RSA operations, however many keys are known', () => {
    expect(countOpenings(stranger.privateKey, body)).toBe(32)
  })

  it('is one RSA operation when the right key made the signature, however many texts are tried', () => {
    expect(countOpenings(platformKeys.privateKey, body)).toBe(1)
  })

  it('is bounded from outside too', async () => {
    const { counted, otherKeys } = endlessKeys(merchantKeys.publicKey)
    const { privateKey } = stranger
    const reading = await read(signedNotice(body.toString(), { privateKey }), { deps: { otherKeys } })
    explanationIn(reading)
    expect(counted.keys).toBeGreaterThan(1)
    expect(counted.keys).toBeLessThanOrEqual(32)
  })

  it('is none of this before the explanation is asked for', async () => {
    const { counted, otherKeys } = endlessKeys(merchantKeys.publicKey)
    const { privateKey } = stranger
    for (const signature of [{ privateKey }, { serial: 'PUB_KEY_ID_X' }]) {
      await read(signedNotice(body.toString(), signature), { deps: { otherKeys } })
    }
    expect(counted.keys).toBe(0)
  })

  it('is a thousand comparisons when it names a key that nobody knows', async () => {
    const { counted, otherKeys } = endlessKeys(merchantKeys.publicKey)
    const notice = signedNotice(body.toString(), { serial: 'PUB_KEY_ID_X' })
    explanationIn(await read(notice, { deps: { otherKeys } }))
    expect(counted.keys).toBe(1000)
  })

  it('is at most 60 texts, even when all that may differ does differ', () => {
    const worst = ` \ufeff{"b":"支/付\\u003d\\/","id":{"b":1,\r\n\t"a":[]}}\r\n`
    expect(guesses(worst)).toBeGreaterThan(40)
    expect(guesses(worst)).toBeLessThanOrEqual(60)
  })

  it('is a few texts when the body is far longer than a notification', () => {
    expect(guesses(`{"a":"支/付${'x'.repeat(16 * 1024)}"}`)).toBeLessThanOrEqual(9)
  })
})
