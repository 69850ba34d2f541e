import { IncomingMessage } from 'node:http'

const ACCEPTED_PROTOCOL = /^websocket$/i

/** What Node's parser found: whether a request asks to leave HTTP, by `Upgrade` or as CONNECT. */
const asksToUpgrade = new WeakMap<IncomingMessage, boolean | null>()

/**
 * A request that is upgraded to WebSocket only. One that offers another protocol is served as if it had not: a server may
 * ignore the offer (RFC 9110, 7.8), and Java's HttpClient offers `h2c` with its first request to an `http:` address. A server
 * that listens for upgrades is otherwise handed every offer, and such a request is never served.
 */
export class WebSocketUpgradable extends IncomingMessage {
  /** Set by Node after parsing a head, and read by it to choose between the events `upgrade` and `request`. */
  get upgrade(): boolean | null {
    const { upgrade: protocol } = this.headers
    const isIgnored = protocol !== undefined && !ACCEPTED_PROTOCOL.test(protocol)
    return isIgnored && this.method !== 'CONNECT' ? false : (asksToUpgrade.get(this) ?? null)
  }

  set upgrade(value: boolean | null) {
    asksToUpgrade.set(this, value)
  }
}
