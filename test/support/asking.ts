import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { expect, onTestFinished } from 'vitest'
import { createApp, type App } from '../../src/app.ts'
import type { NotifyPorts } from '../../src/notify/ports.ts'
import { createLeftOutLines } from '../../src/orders/left-out-lines.ts'
import { createQuestions } from '../../src/orders/questions.ts'
import { MAX_PAYERS } from '../../src/orders/reserve-number.ts'
import { createStarts } from '../../src/orders/starts.ts'
import { sweep, type SweepParts } from '../../src/orders/sweep.ts'
import { connectPlatforms } from '../../src/platforms/connect.ts'
import { databaseAt } from './database.ts'
import { silentLog, type TestGateway } from './gateway.ts'
import { graphql } from './graphql.ts'
import { ORDER_FIELDS, type OrderView } from './orders.ts'

/** The parts of an order that say how it ended, besides what every test looks at. */
export interface EndedOrderView extends OrderView {
  readonly closeReason: string | null
  readonly closedAt: string | null
}

/** What the mutations that ask the platform answer, whichever member of the union it is. */
export interface AskingAnswer {
  readonly __typename: string
  readonly order?: EndedOrderView
  readonly message?: string
}

type Asking = 'confirmPayment' | 'closeOrder'

/** One of the mutations that ask the platform, with the variable `id`. */
export function askingOperation(mutation: Asking, id: string) {
  const fields = `order { ${ORDER_FIELDS} closeReason closedAt }`
  const withOrder = mutation === 'closeOrder' ? `... on OrderNotPayable { ${fields} }` : ''
  return {
    query: `mutation ($id: ID!) { ${mutation}(orderId: $id) { __typename
      ... on OrderSuccess { ${fields} } ${withOrder} ... on Problem { message } } }`,
    variables: { id },
  }
}

async function ask(
  url: string,
  credential: string,
  [mutation, id]: readonly [Asking, string],
): Promise<AskingAnswer> {
  const operation = askingOperation(mutation, id)
  const { data, errors } = await graphql<Record<Asking, AskingAnswer>>(url, credential, operation)
  expect(errors).toEqual([])
  if (!data) throw new Error(`${mutation} gave no data.`)
  return data[mutation]
}

/** Calls confirmPayment and gives back its answer, whatever it is. */
export function confirm({ url }: Pick<TestGateway, 'url'>, id: string, credential: string) {
  return ask(url, credential, ['confirmPayment', id])
}

/** Calls closeOrder, as the first merchant unless told otherwise, and gives back its answer, whatever it is. */
export function close({ url, merchant }: TestGateway, id: string, credential = merchant.apiKey) {
  return ask(url, credential, ['closeOrder', id])
}

/** Reads how an order stands, and how it ended. */
export async function readEnd({ url, merchant }: TestGateway, id: string): Promise<EndedOrderView> {
  const { data } = await graphql<{ order: EndedOrderView | null }>(url, merchant.apiKey, {
    query: `query ($id: ID!) { order(id: $id) { ${ORDER_FIELDS} closeReason closedAt } }`,
    variables: { id },
  })
  if (!data?.order) throw new Error(`There is no order ${id}.`)
  return data.order
}

/** A call of a merchant's server as it arrived at the platform. */
export interface PlatformCall {
  readonly what: 'query' | 'close'
  readonly tradeNo: string
  /** By a clock that never goes back, in milliseconds. */
  readonly at: number
}

const TRADE = /^\/v3\/pay\/transactions\/out-trade-no\/([^/?]+)(\/close)?/

/** Notes from now on what the platform is asked, by looking at the requests that its server takes in. */
export function notePlatformCalls({ simulator }: Pick<TestGateway, 'simulator'>): readonly PlatformCall[] {
  const calls: PlatformCall[] = []
  const { host } = new URL(simulator.url)
  function note(message: unknown): void {
    const { request } = message as { readonly request: IncomingMessage }
    const [, tradeNo, closing] = TRADE.exec(request.url ?? '') ?? []
    if (request.headers.host !== host || tradeNo === undefined) return
    const what = closing === undefined ? 'query' : 'close'
    calls.push({ what, tradeNo: decodeURIComponent(tradeNo), at: performance.now() })
  }
  subscribe('http.server.request.start', note)
  onTestFinished(() => void unsubscribe('http.server.request.start', note))
  return calls
}

/** Loses every notification about payments for good. */
export function loseNotifications({ simulator }: Pick<TestGateway, 'simulator'>): void {
  simulator.faults.add({ kind: 'lose', times: 'always' })
}

/** Pays at the platform, under the order's own number unless told otherwise. */
export function payAtPlatform(
  { simulator, merchant }: TestGateway,
  { outTradeNo }: Pick<OrderView, 'outTradeNo'>,
  terms: Parameters<TestGateway['simulator']['pay']>[1] = {},
) {
  return simulator.pay({ mchId: merchant.mchId, outTradeNo }, terms)
}

/** How the platform keeps an order: NOTPAY, SUCCESS or CLOSED; undefined when it knows none of this number. */
export function stateAtPlatform({ simulator, merchant }: TestGateway, tradeNo: string): string | undefined {
  const isMeant = (order: { readonly mchId: string; readonly outTradeNo: string }): boolean =>
    order.mchId === merchant.mchId && order.outTradeNo === tradeNo
  return simulator.orders().find(isMeant)?.state
}

/** What the gateway's rounds work with, for a test that runs them one at a time. Nobody is told of what they do. */
export function roundPorts({ parts }: TestGateway): SweepParts & NotifyPorts {
  const platforms = connectPlatforms(parts)
  onTestFinished(() => platforms.close())
  const [first, ...others] = parts.checkLadderSeconds
  return {
    ...parts.database,
    platformOf: platforms.of,
    readiness: platforms.readiness,
    announce() {},
    orderAppeared: async (order) => order,
    ladder: [first * 1000, ...others.map((seconds) => seconds * 1000)],
    closedSchedule: parts.closedPollScheduleSeconds.map((seconds) => seconds * 1000),
    starts: createStarts({ most: MAX_PAYERS, now: parts.now }),
    merchants: parts.merchants.map(({ id }) => id),
    questions: createQuestions({ perSecond: parts.queryBudgetPerSecond, now: parts.now }),
    now: parts.now,
    leftOutLines: createLeftOutLines(silentLog),
    log: silentLog,
  }
}

/** A sweep as the gateway runs it once a second, to be run one round at a time. */
export function sweeper(gateway: TestGateway): () => Promise<number> {
  const ports = roundPorts(gateway)
  return () => sweep(ports)
}

/** Another process of the same gateway: the same database over a connection of its own, and rounds without a pause. */
export async function openSweepingApp({ parts, databaseUri }: TestGateway): Promise<Pick<App, 'close'>> {
  const database = await databaseAt(databaseUri)
  const app = await createApp({ ...parts, database, roundPauses: { orders: 1, inbox: 3_600_000 } })
  let closed: Promise<void> | undefined
  const closeOnce = (): Promise<void> => (closed ??= app.close())
  onTestFinished(closeOnce)
  return { close: closeOnce }
}
