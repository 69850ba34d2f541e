import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { openGateway } from '../support/gateway.ts'
import { merchantInFile } from '../support/merchant.ts'
import { createOrder } from '../support/orders.ts'
import { startProcess } from '../support/process.ts'
import { openProxy } from '../support/proxy.ts'
import { startSandboxProcess, sandboxDir } from '../support/sandbox.ts'
import { tlsInFrontOf } from '../support/tls.ts'

const HOST = 'platform.test'
const TIMEOUT_MS = 120_000

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'paybell-proxy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

/** A gateway process whose platform can be reached through the proxy only. */
async function startBehindProxy(names: readonly string[]) {
  const surroundings = await openGateway()
  const { simulator, merchant, databaseUri } = surroundings
  const { port: tlsPort, cert } = await tlsInFrontOf(simulator.url, HOST)
  const proxy = await openProxy(tlsPort)
  const merchants = [merchantInFile(merchant, { ...simulator, url: `https://${HOST}` })]
  const folder = await folderOf({ 'paybell.json': JSON.stringify({ merchants }), 'ca.pem': cert })
  const address = proxy.url.replace('//', '//anna:s3cret@')
  const port = String(await freePort())
  const gateway = startProcess({
    PORT: port,
    PAYBELL_CONFIG: join(folder, 'paybell.json'),
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    TOKEN_SECRET: 'x'.repeat(32),
    MONGODB_URI: databaseUri,
    DATA_DIR: folder,
    ...Object.fromEntries(names.map((name) => [name, address])),
  })
  await gateway.find(/listens on/)
  return { proxy, lines: gateway.lines, gateway: { ...surroundings, url: `http://127.0.0.1:${port}` } }
}

test.each(['HTTPS_PROXY', 'https_proxy'])(
  'with %s a gateway reaches the platform through a tunnel of the proxy',
  async (name) => {
    const { proxy, gateway, lines } = await startBehindProxy([name])
    const { __typename, payment } = await createOrder(gateway)
    expect([__typename, payment?.wechatpay?.['signType']]).toEqual(['CreateOrderSuccess', 'RSA'])
    expect(new Set(proxy.asked)).toEqual(new Set([`${HOST}:443`]))
    expect(proxy.credentials[0]).toBe(`Basic ${Buffer.from('anna:s3cret').toString('base64')}`)
    expect(lines.join('\n')).toContain('through a proxy')
    expect(lines.join('\n')).not.toContain('s3cret')
  },
  TIMEOUT_MS,
)

test(
  'the platform of the sandbox is never reached through a proxy',
  async () => {
    const proxy = await openProxy()
    const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, http_proxy: proxy.url }
    const { gateway, merchantKey } = await startSandboxProcess(await sandboxDir(), env)
    const answer = await createOrder({ ...(await openGateway()), url: gateway }, {}, merchantKey)
    expect(answer).toMatchObject({ __typename: 'CreateOrderSuccess', payment: {} })
    expect(proxy.asked).toEqual([])
  },
  TIMEOUT_MS,
)
