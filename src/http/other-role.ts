import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Context } from 'koa'
import { servesNotifications, servesPages, type Role } from '../operations/role.ts'

const NOTIFICATIONS = '/notify/'

const ONLY_NOTIFICATIONS =
  'This process only receives notifications (ROLE=notify); GraphQL and pages are served by one with ROLE pages or all.'

function sentenceFor(path: string, role: Role): string | undefined {
  const isNotification = path.startsWith(NOTIFICATIONS)
  if (isNotification && !servesNotifications(role))
    return 'This process does not receive notifications (ROLE=pages); send them to one with ROLE notify or all.'
  if (!isNotification && !servesPages(role)) return ONLY_NOTIFICATIONS
  return undefined
}

/** Answers 404, with one sentence in JSON, to requests for what other processes serve. */
export function refuseOtherRole(role: Role) {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    const message = sentenceFor(context.path, role)
    if (message === undefined) return next()
    context.status = 404
    // The form that the platforms expect of a refusal.
    context.body = context.path.startsWith(NOTIFICATIONS) ? { code: 'FAIL', message } : { message }
  }
}

/** The same for an upgrade, where there are none. */
export function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  const body = JSON.stringify({ message: ONLY_NOTIFICATIONS })
  const headers = [`Content-Type: application/json`, `Content-Length: ${body.length}`, 'Connection: close']
  socket.end(['HTTP/1.1 404 Not Found', ...headers, '', body].join('\r\n'))
}
