import type { Sink, Transport, Wanted } from './transport.ts'

/** Less than what a silent transport is given, and than the half minute after which many proxies lose patience. */
const WAIT_SECONDS = 20

/** The order's events by asking for them, one question after the other: goes through wherever pages load at all. */
export const overLongPoll: Transport = (wanted, sink) => {
  const abort = new AbortController()
  ask(wanted, sink, abort.signal).then(sink.lost, sink.lost)
  return () => abort.abort()
}

/** The first question does not wait: its answer shows that this transport works. */
async function ask(wanted: Wanted, sink: Sink, signal: AbortSignal): Promise<void> {
  for (let waitSeconds = 0; !signal.aborted; waitSeconds = WAIT_SECONDS) {
    const { base, orderId, authorization, after } = wanted
    const address = `${base}/orders/${encodeURIComponent(orderId)}/events?after=${after()}&wait=${waitSeconds}`
    const response = await fetch(address, { headers: { authorization }, signal })
    if (response.status === 401) return sink.refused()
    const body: unknown = await response.json()
    if (!Array.isArray(body)) return sink.result(body)
    sink.alive()
    if (body.length > 0 && !(await sink.news())) return
  }
}
