import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { StoredNotification } from '../../src/models/notification.ts'
import { entryKeys } from '../../src/notify/entry-keys.ts'
import { READER_VERSION } from '../../src/platforms/platform.ts'
import { openGateway, type TestGateway } from './gateway.ts'
import { graphql } from './graphql.ts'
import { paidBody, signedNotice, type NoticeChanges } from './notification.ts'
import { ORDER_FIELDS, type OrderView } from './orders.ts'

/** A callback as the API shows it. */
export interface NotificationView {
  readonly id: string
  readonly platform: string
  readonly merchantId: string
  readonly platformNotificationId: string | null
  readonly eventType: string | null
  readonly verdict: string
  readonly outcome: string
  readonly en: string
  readonly zh: string
  readonly order: { readonly id: string } | null
  readonly attempts: number
  readonly firstReceivedAt: string
  readonly lastReceivedAt: string
  readonly rawHeaders: readonly (readonly [string, string])[] | null
  readonly rawBody: string | null
}

/** The fields of a callback, its explanation in both languages. */
export const NOTIFICATION_FIELDS = `
  id platform merchantId platformNotificationId eventType verdict outcome attempts firstReceivedAt lastReceivedAt
  en: explanation zh: explanation(language: ZH) order { id } rawHeaders rawBody
`

/** What the query for notifications is asked. */
export interface NotificationQuestion {
  readonly filter?: object
  readonly first?: number
  readonly after?: string
}

/** A page of notifications. */
export interface NotificationPage {
  readonly totalCount: number
  readonly nodes: readonly NotificationView[]
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

/** The query for notifications, with variables. */
export function notificationsOperation(question: NotificationQuestion) {
  return {
    query: `query ($filter: NotificationFilter, $first: Int, $after: String) {
      notifications(filter: $filter, first: $first, after: $after) { totalCount nodes { ${NOTIFICATION_FIELDS} }
        edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    variables: question,
  }
}

/** Asks for a page of notifications. */
export async function notifications(
  { url }: TestGateway,
  credential: string,
  question: NotificationQuestion = {},
): Promise<NotificationPage> {
  const operation = notificationsOperation(question)
  const { data, errors } = await graphql<{ notifications: NotificationPage }>(url, credential, operation)
  expect(errors).toEqual([])
  if (!data) throw new Error('notifications gave no data.')
  return data.notifications
}

/** What replayNotification answers, whichever member of the union it is. */
export interface ReplayAnswer {
  readonly __typename: string
  readonly message?: string
  readonly changes?: readonly string[]
  readonly notification?: NotificationView
  readonly order?: OrderView | null
}

/** The mutation that replays a notification, with variables. */
export function replayOperation(id: string, dryRun = false) {
  return {
    query: `mutation ($id: ID!, $dryRun: Boolean) { replayNotification(id: $id, dryRun: $dryRun) { __typename
      ... on ReplayNotificationSuccess { changes notification { ${NOTIFICATION_FIELDS} } order { ${ORDER_FIELDS} } }
      ... on Problem { message } } }`,
    variables: { id, dryRun },
  }
}

/** Replays a notification as the operator does. */
export async function replay(
  { url, operatorKey }: TestGateway,
  id: string,
  { dryRun = false } = {},
): Promise<ReplayAnswer> {
  const operation = replayOperation(id, dryRun)
  const { data, errors } = await graphql<{ replayNotification: ReplayAnswer }>(url, operatorKey, operation)
  expect(errors).toEqual([])
  if (!data) throw new Error('replayNotification gave no data.')
  return data.replayNotification
}

/** The newest notification. */
export async function newest(gateway: TestGateway): Promise<NotificationView> {
  const { nodes } = await notifications(gateway, gateway.operatorKey, { first: 1 })
  const [node] = nodes
  if (node === undefined) throw new Error('There is no notification.')
  return node
}

/** Leaves a verified payment in the inbox as a crash does: stored, and applied to nothing. */
export function leaveInInbox(
  gateway: TestGateway,
  order: Pick<OrderView, 'outTradeNo' | 'amount'>,
  changes: NoticeChanges & { readonly verdict?: StoredNotification['verdict'] } = {},
): Promise<StoredNotification> {
  const id = randomUUID()
  const { verdict = 'VERIFIED', merchant = gateway.merchant, envelope } = changes
  const body = paidBody(gateway, order, { ...changes, envelope: { id, ...envelope } })
  const { headers } = signedNotice({ parts: gateway.parts, merchant }, body)
  const sender = { platform: 'WECHATPAY', merchantId: merchant.id } as const
  const received = {
    ...sender,
    keys: entryKeys(sender, id, { body: Buffer.from(body), reading: undefined }),
    readerVersion: READER_VERSION,
    platformNotificationId: id,
    eventType: 'TRANSACTION.SUCCESS',
    verdict,
    explanation: { en: 'It was received.', zh: '已收到。' },
    platformTradeNo: verdict === 'VERIFIED' ? order.outTradeNo : null,
    rawHeaders: headers,
    rawBody: Buffer.from(body),
  } as const
  return gateway.parts.database.inbox.receive(received, gateway.parts.now())
}

/** The same gateway after its next start, with this about its merchants' keys changed. */
export async function startAgain(
  gateway: TestGateway,
  change: (wechatpay: WechatpayConfig, merchantId: string) => Partial<WechatpayConfig> = () => ({}),
): Promise<TestGateway> {
  const { databaseUri, parts } = gateway
  const { operators, tokenSecrets, now } = parts
  const merchants = parts.merchants.map(({ wechatpay, ...merchant }) => ({
    ...merchant,
    wechatpay: wechatpay && { ...wechatpay, ...change(wechatpay, merchant.id) },
  }))
  const started = await openGateway({ databaseUri, merchants, operators, tokenSecrets, now })
  return { ...gateway, url: started.url, parts: started.parts }
}

type WechatpayConfig = NonNullable<TestGateway['parts']['merchants'][number]['wechatpay']>
