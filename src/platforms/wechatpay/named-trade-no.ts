import { parseJson } from './json.ts'
import type { OpenResource } from './resource-cipher.ts'
import { sealedNotification } from './resource.ts'

/** `out_trade_no` with its value, in JSON, in XML or in a form. Each part ends where the next begins, so it is linear. */
const NAMED = /(?<!\w)out_trade_no["'\\\s]*[:=>]\s*(?:<!\[CDATA\[)?["'\\]*(?!null\b)([\w|*-]{1,64})/

/** The `out_trade_no` that a text names, the first one; null when it names none. */
export function tradeNoIn(text: string): string | null {
  return NAMED.exec(text)?.[1] ?? null
}

function openedText(body: Buffer, open: OpenResource): string {
  const sealed = sealedNotification.safeParse(parseJson(body))
  if (!sealed.success) return ''
  try {
    return open(sealed.data.resource)
  } catch {
    return ''
  }
}

/**
 * The `out_trade_no` that a notification names, whatever else is wrong about it: inside the encryption where that can be
 * opened, else in the body itself. It says where to look, and is never a reason to believe anything.
 */
export function namedTradeNo(body: Buffer, open: OpenResource): string | null {
  return tradeNoIn(openedText(body, open)) ?? tradeNoIn(body.toString('utf8'))
}
