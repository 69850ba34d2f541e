import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { KEY_ID, NOW } from './account.ts'
import { platformSignature } from './notice.ts'

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the platform answers; `hang` never does, `hangUp` cuts the connection. */
export type Reply =
  | { readonly status: number; readonly headers?: Record<string, string | string[]>; readonly body?: string }
  | 'hang'
  | 'hangUp'

const NONCE = 'fedcba9876543210FEDCBA9876543210'

/** A rightly signed answer, with the headers of the signature open to changes. */
export function signedReply(
  body: string,
  changes: Record<string, string | string[]> = {},
): Exclude<Reply, string> {
  const timestamp = String(NOW.getTime() / 1000)
  return {
    status: body === '' ? 204 : 200,
    headers: {
      'Content-Type': 'application/json',
      'Request-ID': '08F78BB5AF0610D302189F99DD5C20BA56F89845-0',
      'Wechatpay-Timestamp': timestamp,
      'Wechatpay-Nonce': NONCE,
      'Wechatpay-Serial': KEY_ID,
      'Wechatpay-Signature': platformSignature([timestamp, NONCE, body]),
      'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
      ...changes,
    },
    body,
  }
}

/** An error answer, unsigned as all of them. */
export function errorReply(status: number, code: string, message = 'a sentence of the platform'): Reply {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ code, message }) }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function write(reply: Reply | undefined, response: ServerResponse): void {
  if (reply === 'hang' || reply === undefined) return
  if (reply === 'hangUp') {
    response.socket?.destroy()
    return
  }
  response.writeHead(reply.status, reply.headers ?? {}).end(reply.body ?? '')
}

/** Starts a platform on a port of its own; it ends with the test. The last reply answers all further requests. */
export async function startPlatform(
  ...replies: readonly (Reply | ((request: SeenRequest) => Reply))[]
): Promise<{ readonly url: string; readonly seen: readonly SeenRequest[] }> {
  const seen: SeenRequest[] = []

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request
    const arrived = { method, path, headers, body: await bodyOf(request) }
    const reply = replies[Math.min(seen.push(arrived), replies.length) - 1]
    write(typeof reply === 'function' ? reply(arrived) : reply, response)
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, seen }
}
