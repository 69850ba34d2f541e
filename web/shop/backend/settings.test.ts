import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const GOOD = { PAYBELL_URL: 'http://127.0.0.1:4000/', PAYBELL_API_KEY: 'key-of-the-shop' }

test('the port and the host have defaults', () => {
  expect(readSettings(GOOD)).toEqual({
    kind: 'settings',
    settings: {
      host: '127.0.0.1',
      port: 4001,
      gatewayUrl: 'http://127.0.0.1:4000',
      apiKey: 'key-of-the-shop',
    },
  })
})

test('port 0 is a port', () => {
  expect(readSettings({ ...GOOD, SHOP_PORT: '0' })).toMatchObject({ settings: { port: 0 } })
})

test('each mistake is one line that names its variable', () => {
  const read = readSettings({ SHOP_PORT: 'eighty', PAYBELL_URL: 'localhost' })
  expect(read.kind === 'mistakes' ? read.mistakes : []).toEqual([
    'SHOP_PORT: expected a port, a whole number from 0 to 65535.',
    'PAYBELL_URL: expected the address of the gateway, e.g. http://127.0.0.1:4000.',
    "PAYBELL_API_KEY: expected the merchant's API key of the gateway.",
  ])
})

test('a mistaken key is not repeated', () => {
  expect(JSON.stringify(readSettings({ ...GOOD, PAYBELL_API_KEY: 'k3y' }))).not.toContain('k3y')
})
