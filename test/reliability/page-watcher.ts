import { join } from 'node:path'
import { WebSocket } from 'ws'
import { ROOT } from './surroundings.ts'
import type { Wanted } from './watcher-transports.ts'

/** The client that pages use. It skips what is old news, and ends by itself when the order is final. */
export interface PageWatcher {
  readonly name: string
  /** The seq of each state that it told. */
  readonly seqs: readonly number[]
  /** Why it ended by itself; undefined while it goes on. */
  ended(): string | undefined
  stop(): void
}

/** The part of `paybell/client` that is used here. Its source has the types of a browser, which this folder has not. */
interface PageClient {
  watchOrder(options: {
    readonly url: string
    readonly token: string
    readonly orderId: string
    readonly onChange: (order: { readonly seq: number }) => void
    readonly onEnd: (why: string) => void
  }): { stop(): void }
}

const CLIENT = join(ROOT, 'dist/pages/client/index.js')

/** Loads the client as it is shipped; it must have been built. */
export async function loadPageClient(): Promise<PageClient> {
  // Node 20 has none of its own.
  if (typeof globalThis.WebSocket === 'undefined') Object.assign(globalThis, { WebSocket })
  return (await import(CLIENT)) as PageClient
}

/** Begins to watch as a page does. */
export function watchAsPage(
  { watchOrder }: PageClient,
  {
    name,
    url,
    credential,
    orderId,
  }: Pick<Wanted, 'url' | 'credential' | 'orderId'> & { readonly name: string },
): PageWatcher {
  const seqs: number[] = []
  let why: string | undefined
  const { stop } = watchOrder({
    url,
    token: credential,
    orderId,
    onChange: ({ seq }) => seqs.push(seq),
    onEnd: (end) => {
      why = end
    },
  })
  return { name, seqs, ended: () => why, stop }
}
