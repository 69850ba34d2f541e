import { expect, test } from 'vitest'
import { loadConfig, type Config } from './config.ts'
import { doubtsAbout } from './gateway.ts'

function configured(changes: Partial<Config>): Config {
  return { ...loadConfig({}), file: { merchants: [], operators: [] }, ...changes }
}

test.each<[string, Partial<Config>, RegExp]>([
  ['no public address', { publicUrl: null }, /^PUBLIC_URL is not set/],
  ['a proxy that nobody counted', { publicUrl: 'https://pay.example.com' }, /^TRUSTED_PROXIES is 0/],
])('a start with %s says so', (_what, changes, sentence) => {
  expect(doubtsAbout(configured(changes))).toEqual([expect.stringMatching(sentence)])
})

test.each<[string, Partial<Config>]>([
  ['with its proxies counted', { publicUrl: 'https://pay.example.com', trustedProxies: 1 }],
  ['without TLS in front', { publicUrl: 'http://10.0.0.1:4000' }],
  ['as a sandbox', { file: null, publicUrl: null }],
])('a start %s has nothing to say', (_what, changes) => {
  expect(doubtsAbout(configured(changes))).toEqual([])
})
