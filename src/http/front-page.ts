import { createHash } from 'node:crypto'
import type { Context } from 'koa'

const STYLE =
  'body{font:16px/1.6 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}dt{margin-top:1rem}dd{margin:0}'

/** What a person who opens the gateway's own address may be looking for. */
const DOORS: readonly (readonly [path: string, what: string])[] = [
  ['/graphql', 'the API: a playground for people, GraphQL over HTTP and WebSocket for programs'],
  ['/client.js', 'the page client, for pages without a build step'],
  ['/readyz', 'whether this gateway can take traffic'],
]

const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Paybell</title>
<style>${STYLE}</style>
<h1>Paybell</h1>
<p>A payment gateway listens here.</p>
<dl>${DOORS.map(([path, what]) => `<dt><a href="${path}">${path}</a><dd>${what}`).join('')}</dl>
</html>
`

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `GET /`: tells where the doors are, as a page to people and as JSON to programs. */
export function frontPage(context: Context): void {
  context.vary('Accept')
  context.set('X-Content-Type-Options', 'nosniff')
  if (context.accepts('json', 'html') !== 'html') {
    context.body = { name: 'paybell', doors: Object.fromEntries(DOORS) }
    return
  }
  context.type = 'html'
  context.set('Content-Security-Policy', POLICY)
  context.body = HTML
}
