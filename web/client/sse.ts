import { EVENTS } from './order.ts'
import { parseJson, type Sink, type Transport } from './transport.ts'

/**
 * The order's events over server-sent events (graphql-sse, distinct connections). `EventSource` can neither post nor
 * send a token, so this reads the stream of a `fetch`.
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export const overSse: Transport = ({ base, authorization, orderId, after }, sink) => {
  const abort = new AbortController()
  const request: RequestInit = {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
    body: JSON.stringify({ query: EVENTS, variables: { id: orderId, after: after() } }),
    signal: abort.signal,
  }
  read(fetch(`${base}/graphql/stream`, request), sink).then(sink.lost, sink.lost)
  return () => abort.abort()
}

/** Resolves or rejects when the stream is over. */
async function read(answer: Promise<Response>, sink: Sink): Promise<void> {
  const response = await answer
  if (response.status === 401) return sink.refused()
  if (!response.ok || response.body === null) return
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  for (let text = ''; ;) {
    const { done, value } = await reader.read()
    if (done) return
    sink.alive()
    const blocks = (text + decoder.decode(value, { stream: true })).split('\n\n')
    text = blocks.pop() ?? ''
    blocks.forEach((block) => hear(block, sink))
  }
}

/** A block without data is a sign of life, or the end, which the end of the stream says as well. */
function hear(block: string, sink: Sink): void {
  const [, data] = /^data: (.+)$/m.exec(block) ?? []
  if (data !== undefined) sink.result(parseJson(data))
}
