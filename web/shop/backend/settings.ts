import { z } from 'zod'

/** What the shop has to know before it can open. */
export interface Settings {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** The gateway, as this backend and the customers' browsers reach it; without a slash at the end. */
  readonly gatewayUrl: string
  /** The merchant's key at the gateway. A secret: it must not reach a browser or a log. */
  readonly apiKey: string
  /** Where customers reach the shop besides the host that it listens on, e.g. through a proxy. */
  readonly publicUrl: string | undefined
}

const PORT = 'expected a port, a whole number from 0 to 65535'
const URL = 'expected the address of the gateway, e.g. http://127.0.0.1:4000'
const PUBLIC = 'expected an http(s) address, e.g. https://shop.example'
const KEY = "expected the merchant's API key of the gateway"

const environment = z.object({
  SHOP_HOST: z.string().min(1, 'expected a host name or address').default('127.0.0.1'),
  SHOP_PORT: z.coerce.number(PORT).int(PORT).min(0, PORT).max(65_535, PORT).default(4001),
  SHOP_PUBLIC_URL: z.url({ protocol: /^https?$/, error: PUBLIC }).optional(),
  PAYBELL_URL: z.url({ protocol: /^https?$/, error: URL }),
  PAYBELL_API_KEY: z.string(KEY).min(8, KEY),
})

/** The settings, or one line for each mistake; a line never repeats the value, which may be the key. */
export type ReadSettings =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

/** Reads `SHOP_HOST`, `SHOP_PORT`, `SHOP_PUBLIC_URL`, `PAYBELL_URL` and `PAYBELL_API_KEY`. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): ReadSettings {
  const parsed = environment.safeParse(variables)
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`)
    return { kind: 'mistakes', mistakes }
  }
  const { SHOP_HOST: host, SHOP_PORT: port, PAYBELL_URL, PAYBELL_API_KEY: apiKey } = parsed.data
  const publicUrl = parsed.data.SHOP_PUBLIC_URL
  return {
    kind: 'settings',
    settings: { host, port, gatewayUrl: PAYBELL_URL.replace(/\/+$/, ''), apiKey, publicUrl },
  }
}
