import { merchantSentence } from '../domain/explanation.ts'
import type { StoredNotification } from '../models/notification.ts'
import type { StoredRejection } from '../models/rejection-record.ts'
import { explainEntry } from '../notify/explain-entry.ts'
import { replayNotification } from '../notify/replay.ts'
import { requireAnyone, requireCaller, visibleTo } from './access.ts'
import type { GatewayContext } from './context.ts'
import { withoutNulls } from './cursor.ts'
import { asProblem } from './errors.ts'
import { pageOfNotifications } from './notification-connection.ts'
import type { MutationResolvers, NotificationResolvers, QueryResolvers } from './schema-types.generated.ts'

/** A callback that was kept, or one that was refused. */
export type NotificationSource = StoredNotification | StoredRejection

function isKept(source: NotificationSource): source is StoredNotification {
  return 'outcome' in source
}

const VERDICTS = [
  'VERIFIED',
  'BAD_SIGNATURE',
  'STALE_TIMESTAMP',
  'UNKNOWN_KEY',
  'PROBE',
  'UNDECRYPTABLE',
  'UNREADABLE',
  'MALFORMED',
] as const

/** Fields of the type Notification. */
export const notification: NotificationResolvers = {
  platformNotificationId: (source) => (isKept(source) ? source.platformNotificationId : null),
  eventType: (source) => (isKept(source) ? source.eventType : null),
  verdict: ({ verdict }) => VERDICTS.find((known) => known === verdict) ?? 'MALFORMED',
  outcome: (source) => (isKept(source) ? source.outcome : 'REFUSED'),
  explanation(source, { language }, { caller }) {
    const explanation = isKept(source) ? explainEntry(source) : source.explanation
    const sentence = caller.kind === 'operator' ? explanation : merchantSentence(explanation)
    return sentence[language === 'ZH' ? 'zh' : 'en']
  },
  async order(source, _arguments, context) {
    if (source.orderId === null) return null
    const caller = requireCaller(context, 'merchant', 'operator')
    return visibleTo(caller, await context.gateway.loadOrder(source.orderId)) ?? null
  },
  firstReceivedAt: (source) => (isKept(source) ? source.firstReceivedAt : source.receivedAt),
  rawHeaders: ({ rawHeaders }, _arguments, { caller }) => (caller.kind === 'operator' ? rawHeaders : null),
  rawBody: ({ rawBody }, _arguments, { caller }) =>
    caller.kind === 'operator' ? rawBody.toString('utf8') : null,
}

/** A notification by its id, when the caller may see it. */
export async function findNotification(
  context: GatewayContext,
  id: string,
): Promise<NotificationSource | undefined> {
  const caller = requireAnyone(context)
  if (caller.kind === 'order-holder') return undefined
  const { inbox, rejections } = context.gateway
  const found = await (id.startsWith('ntf_') ? inbox.byId(id) : rejections.byId(id))
  return caller.kind === 'operator' || found?.merchantId === caller.merchantId ? found : undefined
}

/** Queries about notifications. */
export const notificationQueries: Pick<QueryResolvers, 'notifications'> = {
  notifications(_root, { filter, first, after }, context) {
    const caller = requireCaller(context, 'merchant', 'operator')
    const selection = withoutNulls(filter)
    const page = { first: first ?? 20, after: after ?? undefined }
    if (caller.kind === 'operator') return pageOfNotifications(context, selection, page)
    const isForeign = selection.merchantId !== undefined && selection.merchantId !== caller.merchantId
    // Nothing has no verdict at all, so this is the empty list.
    const own = isForeign ? { verdict: [] } : selection
    return pageOfNotifications(context, { ...own, merchantId: caller.merchantId }, page)
  },
}

/** Mutations about notifications. */
export const notificationMutations: Pick<MutationResolvers, 'replayNotification'> = {
  async replayNotification(_root, { id, dryRun }, context) {
    requireCaller(context, 'operator')
    try {
      const replay = await replayNotification(context.gateway, id, { dryRun: dryRun ?? false })
      return {
        __typename: 'ReplayNotificationSuccess',
        notification: replay.notification,
        changes: [...replay.changes],
        order: replay.order ?? null,
      }
    } catch (error) {
      return asProblem(error, ['NotFound'])
    }
  },
}
