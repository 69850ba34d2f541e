import type { FeedItem } from '../live/feed.ts'
import { requireCaller } from './access.ts'
import type { GatewayContext } from './context.ts'
import { callerError } from './errors.ts'
import type { SubscriptionResolvers } from './schema-types.generated.ts'

/** An async function, so that a refusal is the answer to the subscription, and not the end of the socket. */
async function read(context: GatewayContext, merchantId: string | null | undefined) {
  requireCaller(context, 'operator')
  return context.gateway.feed.read(({ order }) => (merchantId ?? order.merchantId) === order.merchantId)
}

/** Subscriptions to all orders. */
export const feedSubscriptions: SubscriptionResolvers = {
  operatorFeed: {
    subscribe: (_root, { merchantId }, context) => read(context, merchantId),
    resolve(item: FeedItem) {
      if (item !== 'too-slow') return item
      throw callerError(
        'TOO_SLOW',
        'More events happened than could be told; subscribe again first, and read the orders second.',
      )
    },
  },
}
