import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Headers } from './signed-headers.ts'

/** What a receiver answered. */
export type Answer = {
  readonly status: number
  /** The first `shownCharacters` of the body. */
  readonly text: string
}

const shownCharacters = 200
const keptBytes = shownCharacters * 4

async function readBeginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= keptBytes) break
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, shownCharacters)
}

/**
 * Posts a text once on a connection of its own, following no redirects.
 * @throws {Error} when nobody answers completely before `signal` aborts
 */
export async function post(
  url: string,
  message: { readonly headers: Headers; readonly body: string },
  signal: AbortSignal,
): Promise<Answer> {
  const body = Buffer.from(message.body)
  const headers = { ...message.headers, 'Content-Length': body.length }
  const open = url.startsWith('https:') ? requestHttps : requestHttp
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = open(url, { method: 'POST', headers, agent: false, signal }, resolve)
    outgoing.once('error', reject)
    outgoing.end(body)
  })
  return { status: response.statusCode ?? 0, text: await readBeginning(response) }
}
