import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ProxySettings } from '../config-proxy.ts'
import { createProxiedFetch } from './proxied-fetch.ts'
import { startPlatform } from './wechatpay/testing/platform-server.ts'
import { PREPAID, prepayAt } from './wechatpay/testing/prepaying.ts'

const NONE: ProxySettings = { httpsProxy: null, httpProxy: null, noProxy: '' }
/** Nothing listens there. */
const UNUSED = 'http://127.0.0.1:1'

function prepayOver(settings: Partial<ProxySettings>, apiBaseUrl: string) {
  const { fetch, close } = createProxiedFetch({ ...NONE, ...settings })
  onTestFinished(close)
  return prepayAt(apiBaseUrl, { fetch })
}

/** A proxy that refuses every tunnel, and remembers what for. */
async function refusingProxy() {
  const asked: string[] = []
  const server = createServer()
  server.on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

describe('a call to an http address', () => {
  it('is sent to the proxy with the whole address, and with the proxy’s credentials', async () => {
    const proxy = await startPlatform(PREPAID)
    const httpProxy = proxy.url.replace('//', '//anna:s3cret@')
    await expect(prepayOver({ httpProxy }, 'http://platform.test')).resolves.toHaveProperty('prepayId')
    expect(proxy.seen).toHaveLength(1)
    expect(proxy.seen[0]).toMatchObject({
      method: 'POST',
      path: 'http://platform.test/v3/pay/transactions/jsapi',
      headers: { 'proxy-authorization': `Basic ${Buffer.from('anna:s3cret').toString('base64')}` },
    })
  })

  it.each(['platform.test', '.platform.test', 'other.test, platform.test', 'platform.test:80'])(
    'is sent without the proxy to a host of NO_PROXY: %s',
    async (noProxy) => {
      const proxy = await startPlatform(PREPAID)
      const call = prepayOver({ httpProxy: proxy.url, noProxy }, 'http://platform.test')
      await expect(call).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
      expect(proxy.seen).toHaveLength(0)
    },
  )

  it('is sent without a proxy when there is one for https only', async () => {
    const proxy = await startPlatform(PREPAID)
    const call = prepayOver({ httpsProxy: proxy.url }, 'http://platform.test')
    await expect(call).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
    expect(proxy.seen).toHaveLength(0)
  })

  it.each(['127.0.0.1', 'localhost'])('on this machine is never sent to a proxy: %s', async (host) => {
    const platform = await startPlatform(PREPAID)
    const apiBaseUrl = platform.url.replace('127.0.0.1', host)
    const settings = { httpProxy: UNUSED, httpsProxy: UNUSED }
    await expect(prepayOver(settings, apiBaseUrl)).resolves.toHaveProperty('prepayId')
  })
})

describe('a call to an https address', () => {
  it('asks the proxy for a tunnel, and says that it was refused', async () => {
    const proxy = await refusingProxy()
    const error = await prepayOver({ httpsProxy: proxy.url }, 'https://platform.test').catch(String)
    expect(error).toContain('in 3 tries; at last the proxy refused the connection (HTTP 407)')
    expect(new Set(proxy.asked)).toEqual(new Set(['platform.test:443']))
  })
})

it('the environment is not looked into', async () => {
  const proxy = await startPlatform(PREPAID)
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) vi.stubEnv(name, proxy.url)
  vi.stubEnv('NO_PROXY', '*')
  onTestFinished(() => void vi.unstubAllEnvs())
  const other = await refusingProxy()
  await expect(prepayOver({ httpsProxy: other.url }, 'http://platform.test')).rejects.toThrow('3 tries')
  await expect(prepayOver({ httpsProxy: other.url }, 'https://platform.test')).rejects.toThrow('HTTP 407')
  expect([proxy.seen.length, other.asked.length]).toEqual([0, 3])
})
