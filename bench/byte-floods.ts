import type { BytesFlood } from './flood.ts'

type Bytes = Pick<BytesFlood, 'connections' | 'head' | 'repeated'>

const UPGRADE = [
  'GET /graphql HTTP/1.1',
  'Host: gateway',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
  '\r\n',
].join('\r\n')

const CHUNKED_POST = [
  'POST /graphql HTTP/1.1',
  'Host: gateway',
  'Authorization: guess',
  'Content-Type: application/json',
  'Transfer-Encoding: chunked',
  '\r\n',
].join('\r\n')

const ONE_BYTE_CHUNK = '1\r\n \r\n'
const NO_MESSAGE = '\x81\x81\0\0\0\0x'
const EMPTY_FRAME = '\x81\x80\0\0\0\0'
const EMPTY_PING = '\x89\x80\0\0\0\0'
const EMPTY_FRAGMENT = '\0\x80\0\0\0\0'

/** Floods of the smallest things that a connection can send, without a key. */
export const BYTE_FLOODS = {
  'requests that are sent without waiting for the answers': {
    connections: 20,
    head: '',
    repeated: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  },
  'bodies in chunks of one byte': { connections: 20, head: CHUNKED_POST, repeated: ONE_BYTE_CHUNK },
  'bodies in chunks of one byte that nothing reads': {
    connections: 20,
    head: CHUNKED_POST.replace('/graphql', '/'),
    repeated: ONE_BYTE_CHUNK,
  },
  'empty messages on WebSockets that are being closed': {
    connections: 20,
    head: UPGRADE + NO_MESSAGE,
    repeated: EMPTY_FRAME,
  },
  'empty pings on WebSockets': { connections: 20, head: UPGRADE, repeated: EMPTY_PING },
  'empty fragments on WebSockets': {
    connections: 20,
    head: `${UPGRADE}\x01\x80\0\0\0\0`,
    repeated: EMPTY_FRAGMENT,
  },
} as const satisfies Readonly<Record<string, Bytes>>
