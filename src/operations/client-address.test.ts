import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

function requestWith(forwardedFor: string | undefined, peer = '10.0.0.1'): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const request = new IncomingMessage(socket)
  if (forwardedFor !== undefined) request.headers['x-forwarded-for'] = forwardedFor
  return request
}

test.each([
  ['nobody is trusted, whatever the header says', { proxies: 0, header: '1.1.1.1', address: '10.0.0.1' }],
  ['one proxy is trusted for its hop', { proxies: 1, header: '6.6.6.6, 1.1.1.1', address: '1.1.1.1' }],
  ['two proxies are trusted for two', { proxies: 2, header: '6.6.6.6, 1.1.1.1,2.2.2.2', address: '1.1.1.1' }],
  ['who comes without a hop is the client', { proxies: 1, header: undefined, address: '10.0.0.1' }],
  ['who comes past a proxy is the client', { proxies: 2, header: '1.1.1.1', address: '10.0.0.1' }],
])('%s', (_what, { proxies, header, address }) => {
  expect(clientAddress(requestWith(header), proxies)).toBe(address)
})

test.each([
  ['a network of IPv6, whichever of its addresses is used', '2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
  ['the same network, written short', '2001:DB8:0:1::9', '2001:db8:0:1::/64'],
  ['its own machine', '::1', '0:0:0:0::/64'],
  ['a link of its own', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['an IPv4 client of a door for both', '::ffff:1.2.3.4', '1.2.3.4'],
  ['the same in hexadecimal', '::ffff:102:304', '1.2.3.4'],
  ['an IPv4 client', '1.2.3.4', '1.2.3.4'],
])('%s is one', (_what, peer, address) => {
  expect(clientAddress(requestWith(undefined, peer), 0)).toBe(address)
})

test.each([
  ['1.2.3.4:5678', '1.2.3.4'],
  ['[2001:db8:0:1::9]:5678', '2001:db8:0:1::/64'],
  ['[2001:db8:0:1::9]', '2001:db8:0:1::/64'],
  ['2001:db8:0:1::9', '2001:db8:0:1::/64'],
  ['unknown', 'unknown'],
])('a proxy may write %s', (header, address) => {
  expect(clientAddress(requestWith(header), 1)).toBe(address)
})
