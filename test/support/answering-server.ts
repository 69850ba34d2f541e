import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a server of a test says to a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** An HTTP server that answers as the test says. It ends with the test. */
export async function answeringServer(answer: Answer): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => void answer(request, response))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}
