import type { KeyObject } from 'node:crypto'
import type { WechatpayAccount, WechatpayLog } from './account.ts'
import type { PlatformCertificate } from './certificates.ts'
import { isValidAt } from './certificates.ts'
import { quoted } from './refusal.ts'

/** The platform asks for less than 12 hours between two downloads. */
const BACKGROUND_INTERVAL_MS = 10 * 60 * 60 * 1000

/** Strangers may name unknown serials as often as they like; the platform hears of it once in this while. */
const UNKNOWN_SERIAL_INTERVAL_MS = 60 * 1000

/** So many messages with unknown serials wait for a download; strangers may bring any number, each with its body. */
const MAX_WAITING = 500

const CERTIFICATE_SERIAL = /^[0-9a-f]{8,64}$/i

/** The keys that the platform signs with, several at once, each under its name. */
export interface KeyRing {
  /** The key of that name. An unknown serial makes the ring look for new certificates once in a while. Never rejects. */
  find(serial: string): Promise<KeyObject | undefined>
  /** All keys that are valid now, under their names. */
  keys(): readonly { readonly id: string; readonly publicKey: KeyObject }[]
  /** Stops the background refresh and a download that is under way. */
  close(): void
}

/** What a ring is made of. */
export interface KeyRingDeps {
  readonly configured: WechatpayAccount['platformKeys']
  readonly download: (
    knownKey: (serial: string) => KeyObject | undefined,
    signal: AbortSignal,
  ) => Promise<readonly PlatformCertificate[]>
  readonly now: () => Date
  readonly log: WechatpayLog
}

function nameOf(serial: string): string {
  return CERTIFICATE_SERIAL.test(serial) ? serial.toUpperCase() : serial
}

/** Lets something happen at most once in an interval; a clock that was set back does not block it. */
function createGate(intervalMs: number, now: () => Date): () => boolean {
  let last = Number.NEGATIVE_INFINITY
  return function mayPass() {
    const elapsed = now().getTime() - last
    if (elapsed >= 0 && elapsed < intervalMs) return false
    last = now().getTime()
    return true
  }
}

/** Does as many at a time; one more gets undefined at once. */
function atMost<T>(most: number, work: (serial: string) => Promise<T | undefined>) {
  let underWay = 0
  return async function start(serial: string): Promise<T | undefined> {
    if (underWay >= most) return undefined
    underWay += 1
    try {
      return await work(serial)
    } finally {
      underWay -= 1
    }
  }
}

/**
 * Makes a ring of the configured keys and, where there are none, of the downloaded certificates. Certificates are
 * also looked for when keys are configured and a message names another certificate: while an account moves from
 * certificates to a public key, the platform signs with both.
 */
export function createKeyRing({ configured, download, now, log }: KeyRingDeps): KeyRing {
  const fixed = new Map(configured.map(({ id, publicKey }) => [nameOf(id), publicKey]))
  const closing = new AbortController()
  const mayAsk = createGate(UNKNOWN_SERIAL_INTERVAL_MS, now)
  let downloaded: ReadonlyMap<string, PlatformCertificate> = new Map()
  let refreshing: Promise<void> | undefined

  function known(serial: string): KeyObject | undefined {
    const name = nameOf(serial)
    const certificate = downloaded.get(name)
    if (certificate !== undefined && isValidAt(certificate, now())) return certificate.publicKey
    return fixed.get(name)
  }

  async function renew(): Promise<void> {
    try {
      const certificates = await download(known, closing.signal)
      downloaded = new Map(certificates.map((certificate) => [certificate.serial, certificate]))
      log.info({ serials: [...downloaded.keys()] }, 'platform certificates downloaded')
    } catch (error) {
      if (closing.signal.aborted) return
      const reason = error instanceof Error ? error.message : 'unknown'
      log.warn({ reason }, 'platform certificates not downloaded')
    }
  }

  function refresh(): Promise<void> {
    if (closing.signal.aborted) return Promise.resolve()
    refreshing ??= renew().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  async function lookFor(serial: string): Promise<KeyObject | undefined> {
    if (refreshing !== undefined) await refreshing
    const found = known(serial)
    if (found !== undefined || !mayAsk()) return found
    log.info({ serial: quoted(serial) }, 'unknown platform serial')
    await refresh()
    return known(serial)
  }

  const waitFor = atMost(MAX_WAITING, lookFor)

  const timer = setInterval(() => {
    if (fixed.size === 0 || downloaded.size > 0) void refresh()
  }, BACKGROUND_INTERVAL_MS).unref()
  if (fixed.size === 0) void refresh()

  function keys() {
    const valid = [...downloaded].filter(([, certificate]) => isValidAt(certificate, now()))
    const all = new Map([...fixed, ...valid.map(([name, { publicKey }]) => [name, publicKey] as const)])
    return [...all].map(([id, publicKey]) => ({ id, publicKey }))
  }

  return {
    keys,
    async find(serial) {
      const found = known(serial)
      return found !== undefined || !CERTIFICATE_SERIAL.test(serial) ? found : waitFor(serial)
    },
    close() {
      clearInterval(timer)
      closing.abort()
    },
  }
}
