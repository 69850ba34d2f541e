/** Which endpoints a process serves. Background jobs run where notifications are served. */
export type Role = 'all' | 'notify' | 'pages'

/** The values of `ROLE`. */
export const ROLES: readonly Role[] = ['all', 'notify', 'pages']

/** Whether a process with this role receives notifications from the platforms, and runs the background jobs. */
export function servesNotifications(role: Role): boolean {
  return role !== 'pages'
}

/** Whether a process with this role serves GraphQL, streams and pages. */
export function servesPages(role: Role): boolean {
  return role !== 'notify'
}
