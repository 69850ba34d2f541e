import { describe, expect, it } from 'vitest'
import { proxyFrom } from './config-proxy.ts'
import { loadConfig } from './config.ts'

const HTTPS = 'http://proxy.example.com:3128'

describe('the proxies of calls to platforms', () => {
  it.each([
    [{}, null],
    [{ HTTPS_PROXY: HTTPS }, { httpsProxy: HTTPS, httpProxy: null, noProxy: '' }],
    [{ https_proxy: HTTPS }, { httpsProxy: HTTPS, httpProxy: null, noProxy: '' }],
    [
      { HTTPS_PROXY: 'ftp://wrong', https_proxy: HTTPS },
      { httpsProxy: HTTPS, httpProxy: null, noProxy: '' },
    ],
    [{ HTTPS_PROXY: 'proxy:3128' }, { httpsProxy: 'http://proxy:3128', httpProxy: null, noProxy: '' }],
    [
      { HTTP_PROXY: 'https://anna:s3cret@[::1]:8443/', NO_PROXY: 'a.test,.b.test' },
      { httpsProxy: null, httpProxy: 'https://anna:s3cret@[::1]:8443/', noProxy: 'a.test,.b.test' },
    ],
    [{ HTTPS_PROXY: HTTPS, no_proxy: 'a.test, *' }, null],
    [{ NO_PROXY: 'a.test' }, null],
  ])('are read from the environment: %j', (env, proxy) => {
    expect(proxyFrom(env)).toEqual({ proxy, mistakes: [] })
  })

  it.each([
    ['HTTPS_PROXY', 'socks5://anna:s3cret@proxy:1080'],
    ['https_proxy', 'http://anna:s3cret@'],
    ['HTTP_PROXY', 'http://anna:s3cret@proxy:99999'],
    ['http_proxy', 'http://anna:s3cret@proxy/path'],
    ['HTTPS_PROXY', 'http://anna:s3cret@proxy two'],
  ])('have a line for a mistake, without the password: %s=%s', (name, value) => {
    const { proxy, mistakes } = proxyFrom({ [name]: value })
    expect([proxy, mistakes.length]).toEqual([null, 1])
    expect(mistakes[0]).toMatch(
      new RegExp(`^${name}: is a text of \\d+ characters .*; expected the address of an HTTP proxy, e.g. `),
    )
    expect(mistakes[0]).not.toContain('s3cret')
  })

  it('are none in the sandbox, whose platform is on this machine', () => {
    expect(loadConfig({ HTTPS_PROXY: HTTPS, HTTP_PROXY: 'socks5://wrong' }).proxy).toBeNull()
  })
})
