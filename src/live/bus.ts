import { createClient } from 'redis'
import type { Log } from '../operations/log.ts'

/** Is told of a hint. Must not throw. */
export type OnHint = (orderId: string, seq: number) => void

/** Carries hints between gateway processes: "this order has an event of this number". Never more than a hint. */
export interface Bus {
  /** Tells the other processes. Never waits and never fails: a hint that is lost costs a second, not an event. */
  hint(orderId: string, seq: number): void
  /** Hears hints about an order from now on. */
  watch(orderId: string): void
  unwatch(orderId: string): void
  /** Hears hints about every order from now on; the answer stops it. */
  watchAll(onHint: OnHint): () => void
  close(): Promise<void>
}

/** A single process has nobody to tell. */
export const noBus: Bus = {
  hint: () => undefined,
  watch: () => undefined,
  unwatch: () => undefined,
  watchAll: () => () => undefined,
  close: () => Promise.resolve(),
}

const MAX_RECONNECT_PAUSE_MS = 1000

/** One channel for each order, so that a process hears only of what its pages watch. */
const CHANNELS = 'paybell:order:'

function channelOf(orderId: string): string {
  return `${CHANNELS}${orderId}`
}

type Connection = ReturnType<typeof createClient>

function connectionTo(url: string, disableOfflineQueue: boolean): Connection {
  return createClient({
    url,
    disableOfflineQueue,
    socket: { reconnectStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 5), MAX_RECONNECT_PAUSE_MS) },
  })
}

/** A hint that did not get through is found by the next comparison. */
function ignore(): void {}

/** Says once that Redis is gone, and once that it is back. */
function logOutages(connection: Connection, log: Log): void {
  let isLost = false
  connection.on('error', (error: unknown) => {
    if (!isLost)
      log.warn({ err: error }, 'Redis cannot be reached; pages hear of other processes a second later.')
    isLost = true
  })
  connection.on('ready', () => {
    if (isLost) log.info({}, 'Redis is back.')
    isLost = false
  })
}

/**
 * Hints over Redis publish/subscribe. It connects in the background and reconnects by itself, with its subscriptions;
 * the gateway works without it all the while.
 */
export function redisBus(url: string, { log, onHint }: { readonly log: Log; readonly onHint: OnHint }): Bus {
  // What cannot be published now is not worth keeping; what is subscribed has to be, over a reconnection.
  const publisher = connectionTo(url, true)
  const subscriber = connectionTo(url, false)
  logOutages(subscriber, log)
  publisher.on('error', () => undefined)
  for (const connection of [publisher, subscriber]) connection.connect().catch(ignore)

  return {
    hint: (orderId, seq) => void publisher.publish(channelOf(orderId), String(seq)).catch(ignore),
    watch: (orderId) =>
      void subscriber
        .subscribe(channelOf(orderId), (message) => onHint(orderId, Number(message)))
        .catch(ignore),
    unwatch: (orderId) => void subscriber.unsubscribe(channelOf(orderId)).catch(ignore),
    watchAll(onHintOfAny) {
      const hear = (message: string, channel: string): void =>
        onHintOfAny(channel.slice(CHANNELS.length), Number(message))
      const pattern = channelOf('*')
      void subscriber.pSubscribe(pattern, hear).catch(ignore)
      return () => void subscriber.pUnsubscribe(pattern, hear).catch(ignore)
    },
    async close() {
      for (const connection of [publisher, subscriber]) connection.destroy()
    },
  }
}
