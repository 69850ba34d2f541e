import type { Listed } from '../models/listing.ts'
import type { NotificationSelection, StoredNotification } from '../models/notification.ts'
import type { StoredRejection } from '../models/rejection-record.ts'
import type { GatewayContext } from './context.ts'
import {
  cursorOf,
  idIn,
  pageInfoOf,
  pageOf,
  requirePageSize,
  type PageRequest,
  type PageSource,
} from './cursor.ts'
import type { NotificationSource } from './notification.ts'
import type { NotificationConnectionResolvers } from './schema-types.generated.ts'

/** One page of a list of notifications. */
export interface NotificationConnectionSource extends PageSource<NotificationSource> {
  readonly selection: NotificationSelection
}

const NOTIFICATION_ID = /^(?:ntf|rej)_[0-9a-f]{24}$/

/** Behind its kind, an id begins with the time; so both collections together sort by that part. */
const moment = ({ id }: { readonly id: string }): string => id.slice(4)

/**
 * Reads one page of notifications, newest first, out of what was kept and what was refused.
 * @throws BAD_USER_INPUT when `first` is not 1 to 100 or `after` is no cursor
 */
export async function pageOfNotifications(
  { gateway }: GatewayContext,
  selection: NotificationSelection,
  page: PageRequest,
): Promise<NotificationConnectionSource> {
  requirePageSize(page.first)
  const after = page.after === undefined ? undefined : idIn(page.after, NOTIFICATION_ID).slice(4)
  const first = page.first + 1
  const [kept, refused] = await Promise.all([
    gateway.inbox.list(selection, { first, before: after && `ntf_${after}` }),
    gateway.rejections.list(selection, { first, before: after && `rej_${after}` }),
  ])
  return { selection, ...pageOf(merged(kept, refused), page) }
}

/** Both in one order. Where the search among those that were kept ended, so do the others: the next page goes on there. */
function merged(
  { rows: kept, examinedTo }: Listed<StoredNotification>,
  refused: readonly StoredRejection[],
): Listed<NotificationSource> {
  const end = examinedTo === undefined ? '' : moment({ id: examinedTo })
  const rows = [...kept, ...refused.filter((row) => moment(row) > end)]
  return { rows: rows.sort((a, b) => (moment(a) > moment(b) ? -1 : 1)), examinedTo }
}

/** Fields of the type NotificationConnection. */
export const notificationConnection: NotificationConnectionResolvers = {
  nodes: ({ nodes }) => [...nodes],
  edges: ({ nodes }) => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
  pageInfo: pageInfoOf,
  async totalCount({ selection }, _arguments, { gateway }) {
    const [kept, refused] = await Promise.all([
      gateway.inbox.count(selection),
      gateway.rejections.count(selection),
    ])
    return kept + refused
  },
}
