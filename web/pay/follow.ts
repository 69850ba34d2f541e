import { type Connection, type OrderWatch, watchOrder } from '../client/index.ts'
import { toPayOrder } from './order.ts'
import type { Store } from './store.ts'

/** Which order to follow, and where what the gateway says goes. */
export interface FollowOptions {
  readonly store: Store
  /** Where the gateway is. */
  readonly url: string
  readonly token: string
}

/** A connection that comes back within this time is not worth a word, unless there is nothing else to show. */
const UNSEEN_GAP_MS = 1_200

/** Keeps the store at what the gateway knows of the order, until that is final or `stop` is called. */
export function follow({ store, url, token }: FollowOptions): OrderWatch {
  const notice = createConnectionNotice(store)
  const watch = watchOrder({
    url,
    token,
    onConnection: notice.tell,
    onChange(order) {
      store.setClock(watch.now())
      store.dispatch({ kind: 'tick', nowMs: store.now() })
      store.dispatch({ kind: 'order', order: toPayOrder(order) })
    },
    onEnd(why) {
      notice.tell('online')
      if (why === 'refused') store.dispatch({ kind: 'link-refused' })
    },
  })
  return watch
}

function createConnectionNotice(store: Store) {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    tell(connection: Connection): void {
      clearTimeout(timer)
      const show = (): void => store.dispatch({ kind: 'connection', connection })
      if (connection === 'online' || store.state().order === null) show()
      else timer = setTimeout(show, UNSEEN_GAP_MS)
    },
  }
}
