import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSimulator } from '../../simulator/simulator.ts'
import { freePort } from '../support/free-port.ts'
import { graphql, subscriber } from '../support/graphql.ts'
import { testMerchant } from '../support/merchant.ts'
import { startProcess } from '../support/process.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'paybell-crash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  return folder
}

/** A gateway process as a merchant would start it: a configuration file, keys in files, an embedded database. */
async function configuredProcess() {
  const merchant = testMerchant('acme', '1900000109')
  const simulator = await createSimulator({ merchants: [merchant.atPlatform], notifyTimeFactor: 0.01 })
  onTestFinished(() => simulator.close())
  const folder = await temporaryFolder()
  const { privateKey, apiV3Keys, apiFallbackUrl: _, ...wechatpay } = merchant.atGateway.wechatpay
  await writeFile(join(folder, 'apiclient_key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const config = {
    merchants: [
      {
        ...merchant.atGateway,
        wechatpay: {
          ...wechatpay,
          privateKey: { file: 'apiclient_key.pem' },
          apiV3Key: { env: 'ACME_APIV3_KEY' },
          platformKeys: [{ id: simulator.platformKey.id, publicKey: simulator.platformKey.publicKeyPem }],
          apiBaseUrl: simulator.url,
        },
      },
    ],
  }
  await writeFile(join(folder, 'paybell.json'), JSON.stringify(config))
  const env = {
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    PAYBELL_CONFIG: join(folder, 'paybell.json'),
    ACME_APIV3_KEY: String(apiV3Keys[0]),
    TOKEN_SECRET: createHash('sha256').update(folder).digest('hex'),
  }
  return { merchant, simulator, env, dataDir: env.DATA_DIR }
}

async function start(env: Readonly<Record<string, string>>, port: string) {
  const gateway = startProcess({ ...env, PORT: port })
  const [, url = ''] = await gateway.find(/listens on (http:\S+)/)
  return { ...gateway, url }
}

/** The database process says in its log who it is. */
async function databasePid(dataDir: string): Promise<number> {
  const log = await readFile(join(dataDir, 'mongodb.log'), 'utf8')
  const pids = [...log.matchAll(/^\S+Z (\d+) /gm)].map(([, pid]) => Number(pid))
  return pids.at(-1) ?? Number.NaN
}

const CREATE = `mutation ($input: CreateOrderInput!) { createOrder(input: $input) {
  ... on CreateOrderSuccess { accessToken order { id } } } }`

interface Created {
  readonly createOrder: { readonly accessToken: string; readonly order: { readonly id: string } }
}

test('what was answered with 204 survives kill -9 of the gateway and of the database', async () => {
  const { merchant, simulator, env, dataDir } = await configuredProcess()
  const port = String(await freePort())
  const first = await start(env, port)
  const { data } = await graphql<Created>(first.url, merchant.apiKey, {
    query: CREATE,
    variables: {
      input: {
        outTradeNo: 'CRASH00001',
        description: 'tea',
        amount: { total: 100 },
        payment: { wechatpay: { openid: 'o-1' } },
      },
    },
  })
  if (!data) throw new Error('The order was not created.')
  const { accessToken, order } = data.createOrder
  const pid = await databasePid(dataDir)

  await simulator.pay({ mchId: merchant.mchId, outTradeNo: 'CRASH00001' })
  await vi.waitFor(() => expect(simulator.notifications()[0]?.attempts.at(-1)?.status).toBe(204), {
    interval: 1,
    timeout: 10_000,
  })
  await first.kill('SIGKILL')
  process.kill(pid, 'SIGKILL')

  const second = await start(env, port)
  const read = await graphql(second.url, merchant.apiKey, {
    query: 'query ($id: ID!) { order(id: $id) { status seq events { type } } }',
    variables: { id: order.id },
  })
  expect(read.data).toEqual({
    order: {
      status: 'PAID',
      seq: 3,
      events: [{ type: 'order.created' }, { type: 'order.payment_started' }, { type: 'order.paid' }],
    },
  })
  const watcher = subscriber(second.url, accessToken).iterate({
    query: 'subscription ($id: ID!) { orderPaid(id: $id) { status } }',
    variables: { id: order.id },
  })
  expect((await watcher.next()).value).toEqual({ data: { orderPaid: { status: 'PAID' } } })
}, 180_000)
