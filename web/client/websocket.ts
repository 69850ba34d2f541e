import { property } from './graphql.ts'
import { EVENTS } from './order.ts'
import { parseJson, type Transport } from './transport.ts'

/** The gateway's own pings are invisible to pages, so that pages ask for signs of life themselves. */
const PING_EVERY_MS = 12_000
const OPEN = 1
const CLOSE_CODES_OF_REFUSAL = new Set([4401, 4403])

/**
 * The order's events over `graphql-transport-ws`, one subscription on one socket.
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export const overWebsocket: Transport = ({ base, authorization, orderId, after }, sink) => {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
  const say = (message: object): void => {
    if (socket.readyState === OPEN) socket.send(JSON.stringify(message))
  }
  const pinger = setInterval(say, PING_EVERY_MS, { type: 'ping' })

  function hear(message: unknown): void {
    const payload = property(message, 'payload')
    switch (property(message, 'type')) {
      case 'connection_ack':
        say({
          id: '1',
          type: 'subscribe',
          payload: { query: EVENTS, variables: { id: orderId, after: after() } },
        })
        break
      case 'ping':
        say({ type: 'pong' })
        break
      case 'next':
        sink.result(payload)
        break
      case 'error':
        sink.result({ errors: payload })
        sink.lost()
        break
      case 'complete':
        sink.lost()
        break
      default:
    }
  }

  socket.addEventListener('open', () => say({ type: 'connection_init', payload: { authorization } }))
  socket.addEventListener('message', ({ data }) => {
    sink.alive()
    hear(parseJson(data))
  })
  socket.addEventListener('error', leaveToClose)
  socket.addEventListener('close', ({ code }) =>
    CLOSE_CODES_OF_REFUSAL.has(code) ? sink.refused() : sink.lost(),
  )
  return () => {
    clearInterval(pinger)
    socket.close()
  }
}

/** What went wrong is never said to a page; that it is over is said by the closing that follows. */
function leaveToClose(): void {}
