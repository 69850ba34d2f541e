import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { newest } from '../support/inbox.ts'
import { merchantInFile, type TestMerchant } from '../support/merchant.ts'
import { paidBody, paidNotice, post, signedNotice } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'

// Each test starts a process or two.
vi.setConfig({ testTimeout: 60_000 })

const ROOT = join(import.meta.dirname, '../..')

/** What the command came to. */
interface Printed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What `npm run explain` runs, from the source. */
function run(env: Readonly<Record<string, string>>, target: readonly string[]): Promise<Printed> {
  const args = ['--import', 'tsx', 'src/explain.ts', ...target]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

/** The platform as the configuration has it: with the key that the tests sign the merchant's notifications with. */
function signerOf({ url }: TestGateway['simulator'], { platformKey: { id, publicKey } }: TestMerchant) {
  return {
    url,
    platformKey: { id, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  }
}

/** A gateway with a payable order, and the command with the same configuration and database. */
async function configured({ knowsSigner = false } = {}) {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const folder = await mkdtemp(join(tmpdir(), 'paybell-explain-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const config = join(folder, 'paybell.json')
  const merchants = [gateway.merchant, gateway.otherMerchant].map((merchant) =>
    merchantInFile(merchant, knowsSigner ? signerOf(gateway.simulator, merchant) : gateway.simulator),
  )
  await writeFile(config, JSON.stringify({ merchants }))
  const env = {
    PAYBELL_CONFIG: config,
    TOKEN_SECRET: 'x'.repeat(32),
    MONGODB_URI: gateway.databaseUri,
    DATA_DIR: folder,
  }
  return {
    gateway,
    order,
    async save(name: string, text: string): Promise<string> {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    },
    explain: (...target: readonly string[]) => run(env, target),
  }
}

test('a saved request with an unknown serial is explained to each merchant, in both languages', async () => {
  const { gateway, order, save, explain } = await configured()
  const notice = signedNotice(gateway, paidBody(gateway, order), { serial: 'PUB_KEY_ID_0404' })
  const { code, stdout, stderr } = await explain(await save('request.json', JSON.stringify(notice)))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const known = gateway.simulator.platformKey.id
  expect(stdout).toContain('acme: UNKNOWN_KEY\n')
  expect(stdout).toContain('brew: UNKNOWN_KEY\n')
  expect(stdout).toMatch(
    new RegExp(
      `^No key named .*PUB_KEY_ID_0404.* is known here for this merchant, and known are ${known}`,
      'm',
    ),
  )
  expect(stdout).toMatch(
    new RegExp(`^本网关没有该商户名为 .*PUB_KEY_ID_0404.* 的平台密钥，已知的有 ${known}`, 'm'),
  )
})

test('a request as it went over the wire is read too', async () => {
  const { gateway, order, save, explain } = await configured()
  const { headers, body } = signedNotice(gateway, paidBody(gateway, order), { serial: 'PUB_KEY_ID_0404' })
  const lines = [
    'POST /notify/wechatpay/v3/acme HTTP/1.1',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  const { code, stdout } = await explain(await save('request.http', `${lines.join('\r\n')}\r\n\r\n${body}`))
  expect(code).toBe(0)
  expect(stdout).toContain('acme: UNKNOWN_KEY\nNo key named')
})

test.each([
  [
    'cannot be read',
    { payment: { success_time: 'soon' } },
    /^acme: UNREADABLE\n.*success_time is missing or/m,
  ],
  [
    'is not handled',
    { envelope: { event_type: 'COUPON.USE' } },
    /^acme: VERIFIED\nEvents of type COUPON\.USE/m,
  ],
  [
    'is combined',
    { payment: { combine_out_trade_no: 'C1' } },
    /^acme: VERIFIED\nIt reports a combined payment/m,
  ],
  [
    'has another payee',
    { payment: { sub_mchid: '1900000999' } },
    /^acme: VERIFIED\n.*never believed.* sub_mchid/m,
  ],
])('a saved payment that %s is explained', async (_what, changes, sentence) => {
  const { gateway, order, save, explain } = await configured({ knowsSigner: true })
  const notice = paidNotice(gateway, order, changes)
  const { code, stdout } = await explain(await save('request.json', JSON.stringify(notice)))
  expect(code).toBe(0)
  expect(stdout).toMatch(sentence)
  expect(stdout).toMatch(/\p{Script=Han}/u)
})

test("a stored notification's id says what it did, and a refused one's why it was refused", async () => {
  const { gateway, order, explain } = await configured()
  await post(gateway, paidNotice(gateway, order))
  const applied = await newest(gateway)
  await post(gateway, signedNotice(gateway, paidBody(gateway, order), { serial: 'PUB_KEY_ID_0404' }))
  const refused = await newest(gateway)
  expect(refused.id).toMatch(/^rej_/)
  for (const { id, en, zh } of [applied, refused]) {
    expect(await explain(id)).toEqual({ code: 0, stdout: `${en}\n${zh}\n`, stderr: '' })
  }
})

test.each([
  ['an unknown id', ['ntf_0000'], /^There is no notification ntf_0000\.\n$/],
  [
    'a missing file',
    ['no-such-file.json'],
    /^no-such-file\.json is neither the id of a notification nor a file\.\n$/,
  ],
  ['no argument', [], /^Usage: npm run explain -- <id or file>\n/],
])('%s ends in a sentence and exit code 1', async (_what, target, sentence) => {
  const { explain } = await configured()
  const { code, stdout, stderr } = await explain(...target)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(sentence)
})
