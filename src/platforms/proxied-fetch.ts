import { EnvHttpProxyAgent, fetch as fetchThrough } from 'undici'
import type { ProxySettings } from '../config-proxy.ts'
import type { PlatformFetch } from './platform.ts'

/** `fetch` over proxies. */
export interface ProxiedFetch {
  readonly fetch: PlatformFetch
  /** Ends its connections, and the calls that are under way over them. */
  close(): void
}

/** What is on this machine is never behind a proxy: in the sandbox, that is the platform itself. */
const THIS_MACHINE = 'localhost,127.0.0.1,[::1]'

/**
 * Makes calls over the proxies of these settings. `https:` addresses are reached through a tunnel (CONNECT), `http:` ones by
 * asking the proxy for the whole address.
 */
export function createProxiedFetch({ httpsProxy, httpProxy, noProxy }: ProxySettings): ProxiedFetch {
  // What is not given is empty: the agent would look into the environment by itself.
  const agentFor = (proxy: string | null) =>
    new EnvHttpProxyAgent({
      httpsProxy: proxy ?? '',
      httpProxy: proxy ?? '',
      noProxy: `${THIS_MACHINE},${noProxy}`,
      proxyTunnel: false,
    })
  const https = agentFor(httpsProxy)
  const http = agentFor(httpProxy)
  return {
    fetch: (url, init) =>
      fetchThrough(url, { ...init, dispatcher: url.protocol === 'https:' ? https : http }),
    close() {
      for (const agent of [https, http]) void agent.destroy()
    },
  }
}
