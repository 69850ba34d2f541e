import { createBackoff } from '../client/backoff.ts'
import { type Endpoint, property } from '../client/graphql.ts'
import { type Connection, type Watch, watch } from '../client/watch.ts'
import { confirmOrder, ORDER_UPDATES, type Seen, seeOrder } from './gateway.ts'
import { type PayOrder, readOrder } from './order.ts'
import type { Store } from './store.ts'

/** Keeps the store at what the gateway knows of the order. */
export interface Follower {
  /** Asks for the order at once and renews the connection: for a page that was away. */
  catchUp(): Promise<void>
  /** Asks for the order when a payment is open and nothing would be pushed; otherwise does nothing. */
  poll(): Promise<void>
  /** Has the gateway ask WeChat. Resolves with whether an answer came. */
  confirm(): Promise<boolean>
  stop(): void
}

/** Where the gateway is, and where what it says goes. */
export interface FollowOptions {
  readonly store: Store
  readonly endpoint: Endpoint
  /** The same gateway as `ws:` or `wss:`. */
  readonly socketUrl: string
}

/** A connection that comes back within this time is not worth a word. */
const UNSEEN_GAP_MS = 1_200

/** Loads the order, however long that takes, and then watches it. */
export function follow(options: FollowOptions): Follower {
  const { store, endpoint } = options
  const backoff = createBackoff()
  const connection = createConnectionNotice(store)
  let running: Watch | null = null
  let isStopped = false

  async function load(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const seen = await seeOrder(endpoint)
      take(seen)
      if (seen.kind !== 'unreachable' || isStopped) return
      connection.now('reconnecting')
      await backoff.wait(attempt)
    }
  }

  function take(seen: Seen): void {
    if (seen.kind === 'link-refused') store.dispatch(seen)
    if (seen.kind !== 'order' || isStopped) return
    if (seen.servedAtMs !== null) store.setClock(seen.servedAtMs)
    store.dispatch({ kind: 'tick', nowMs: store.now() })
    store.dispatch({ kind: 'order', order: seen.order })
    if (running !== null) return
    connection.now('online')
    running = watchOrder(options, seen.order.id, connection.soon)
  }

  async function ask(isInDoubt: boolean): Promise<boolean> {
    const { order } = store.state()
    const seen = await (isInDoubt && order !== null ? confirmOrder(endpoint, order.id) : seeOrder(endpoint))
    take(seen)
    return seen.kind === 'order'
  }

  void load()
  return {
    confirm: () => ask(true),
    async catchUp() {
      if (isStopped || store.state().order === null) return backoff.wake()
      running?.refresh()
      await ask(isPaymentOpen(store))
    },
    async poll() {
      if (isPaymentOpen(store) && store.state().connection !== 'online') await ask(true)
    },
    stop() {
      isStopped = true
      connection.stop()
      backoff.wake()
      running?.stop()
    },
  }
}

function watchOrder(
  { store, endpoint, socketUrl }: FollowOptions,
  id: PayOrder['id'],
  onConnection: (connection: Connection) => void,
): Watch {
  return watch({
    endpoint: { ...endpoint, url: socketUrl },
    query: ORDER_UPDATES,
    variables: { id },
    onConnection,
    onRefused: () => store.dispatch({ kind: 'link-refused' }),
    onData(data) {
      const order = readOrder(property(data, 'orderUpdated'))
      if (order !== null) store.dispatch({ kind: 'order', order })
    },
  })
}

function isPaymentOpen(store: Store): boolean {
  return ['paying', 'confirming'].includes(store.state().step.kind)
}

function createConnectionNotice(store: Store) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = (): void => clearTimeout(timer)
  const now = (connection: Connection): void => {
    stop()
    store.dispatch({ kind: 'connection', connection })
  }
  const soon = (connection: Connection): void => {
    stop()
    if (connection === 'online') now(connection)
    else timer = setTimeout(() => now(connection), UNSEEN_GAP_MS)
  }
  return { now, soon, stop }
}
