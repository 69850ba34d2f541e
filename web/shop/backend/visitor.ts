import { randomBytes } from 'node:crypto'
import type { Context } from 'koa'

const COOKIE = 'acme_visitor'
const OPENID = /^demo-[0-9a-f]{24}$/

/**
 * Who is buying. A real shop learns its customer's openid from WeChat's login (OAuth, `snsapi_base`) and keeps it in a
 * session on the server; this demo gives every browser an invented one, which only the simulator accepts.
 */
export function openidOf(context: Context): string {
  const known = context.cookies.get(COOKIE)
  if (known !== undefined && OPENID.test(known)) return known
  const openid = `demo-${randomBytes(12).toString('hex')}`
  context.cookies.set(COOKIE, openid, { httpOnly: true, sameSite: 'lax', maxAge: 30 * 24 * 3_600_000 })
  return openid
}
