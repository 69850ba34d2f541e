import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { testAccount, testDeps } from './testing/account.ts'
import { createWechatpay } from './wechatpay.ts'

const FILE = new URL('../../../test/vectors/v3-notify.json', import.meta.url)

const vectors = z
  .object({
    now: z.int(),
    mchId: z.string(),
    appId: z.string(),
    apiV3Key: z.string(),
    platformKeyId: z.string(),
    platformPublicKey: z.string(),
    cases: z.array(
      z.object({
        name: z.string(),
        verdict: z.string(),
        paid: z.boolean().optional(),
        payeeIsOurs: z.boolean().optional(),
        headers: z.array(z.tuple([z.string(), z.string()])),
        body: z.string(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(FILE, 'utf8')))

const account = testAccount({
  mchId: vectors.mchId,
  appIds: [vectors.appId],
  apiV3Keys: [Buffer.from(vectors.apiV3Key)],
  platformKeys: [{ id: vectors.platformKeyId, publicKey: createPublicKey(vectors.platformPublicKey) }],
})

describe('the vectors of this project', () => {
  it.each(vectors.cases)('$name: $verdict', async ({ headers, body, verdict, paid, payeeIsOurs }) => {
    const platform = createWechatpay(account, testDeps({ now: () => new Date(vectors.now * 1000) }))
    onTestFinished(() => platform.disconnect())
    const reading = await platform.readNotification({ headers, body: Buffer.from(body) })
    expect(reading.verdict).toBe(verdict)
    const fact = reading.verdict === 'VERIFIED' ? reading.fact : null
    expect(fact !== null).toBe(paid ?? false)
    if (fact !== null) expect(fact.payeeMismatch === null).toBe(payeeIsOurs)
  })
})
