import { isIP } from 'node:net'
import { z } from 'zod'

/** What WeChat Pay takes as a notify URL, in characters. */
const LONGEST_NOTIFY_URL = 255

/** `PUBLIC_URL`: base of notify URLs and pay links, so nothing may follow its path; without a slash at the end. */
export const publicUrl = z
  .string()
  .refine(
    (url) => /^https?:\/\/[^/?#@\s\\]+(\/[^?#\s\\]*)?$/.test(url) && URL.canParse(url),
    'expected an http(s) address with a host and without user, query and fragment, e.g. https://pay.example.com',
  )
  .transform((url) => url.replace(/\/+$/, ''))

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return false
  const { hostname, pathname } = new URL(text)
  return hostname !== '' && /^(\/\d*)?$/.test(pathname)
}

/** `REDIS_URL`, which the client would find wrong only when everything else has been started. */
export const redisUrl = z
  .string()
  .refine(isRedisUrl, 'expected an address like redis://host:6379, or rediss:// for TLS')

/** `HOST`: whether it is one of this machine is found out by listening there. */
export const host = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || (/^[\w.-]+$/.test(text) && !/^[\d.]+$/.test(text)),
    'expected an address or a name of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all of its addresses',
  )

interface Reachable {
  readonly merchants: readonly { readonly id: string; readonly wechatpay?: object | undefined }[]
}

/** One line for each merchant whose notify URL under a `PUBLIC_URL` is longer than the platform takes. */
export function notifyUrlMistakes(base: string | null, file: Reachable | null): readonly string[] {
  const called = file?.merchants.filter(({ wechatpay }) => wechatpay !== undefined) ?? []
  return called
    .map(({ id }) => ({ id, length: `${base ?? ''}/notify/wechatpay/v3/${id}`.length }))
    .filter(({ length }) => length > LONGEST_NOTIFY_URL)
    .map(
      ({ id, length }) =>
        `PUBLIC_URL: is so long that the notify URL of merchant ${id} has ${length} characters; expected at most ${LONGEST_NOTIFY_URL}`,
    )
}
