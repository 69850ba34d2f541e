import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

function requestWith(forwardedFor: string | undefined): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: '10.0.0.1' })
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
