import { setTimeout as delay } from 'node:timers/promises'
import type { MerchantClient } from './merchant-client.ts'
import type { OrderLife, Step } from './order-life.ts'
import type { PlatformChild, TakenPayment } from './platform-child.ts'

/** What it takes to play an order's life. */
export interface Stage {
  readonly merchant: MerchantClient
  readonly platform: PlatformChild
}

/** An order, and what its payers really did. */
export interface LiveOrder {
  readonly id: string
  readonly outTradeNo: string
  readonly accessToken: string
  /** What the platform took. */
  readonly payments: readonly (TakenPayment & { readonly isReportedFalsely: boolean })[]
  /** Lets the rest of its life happen. */
  play(): Promise<void>
}

const CREATE = `mutation ($input: CreateOrderInput!) { createOrder(input: $input) {
  ... on CreateOrderSuccess { accessToken order { id } } ... on Problem { message } } }`
const START = `mutation ($input: StartPaymentInput!) { startPayment(input: $input) { __typename } }`
const CLOSE = `mutation ($id: ID!) { closeOrder(orderId: $id) { __typename } }`
const CONFIRM = `mutation ($id: ID!) { confirmPayment(orderId: $id) { __typename } }`
const RESOLVE = `mutation ($id: ID!, $anomaly: ID!) {
  resolveAnomaly(orderId: $id, anomalyId: $anomaly, resolution: "looked at") { __typename } }`
const LOOK = `query ($id: ID!) { order(id: $id) { attempts { platformTradeNo } anomalies { id resolvedAt } } }`

interface Created {
  readonly createOrder: {
    readonly accessToken?: string
    readonly order?: { readonly id: string }
    readonly message?: string
  }
}

interface Looked {
  readonly order: {
    readonly attempts: readonly { readonly platformTradeNo: string }[]
    readonly anomalies: readonly { readonly id: string; readonly resolvedAt: string | null }[]
  } | null
}

const DAY_MS = 86_400_000

function payer(number: number) {
  return { wechatpay: { openid: `o-payer-${number}` } }
}

async function create({ merchant }: Stage, outTradeNo: string, { isBornPayable }: OrderLife) {
  const input = {
    outTradeNo,
    description: 'tea',
    amount: { total: 100 },
    expiresAt: new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY_MS).toISOString(),
    payment: isBornPayable ? payer(1) : null,
  }
  const { createOrder } = await merchant.ask<Created>(CREATE, { input })
  const { accessToken, order, message } = createOrder
  if (accessToken === undefined || order === undefined) throw new Error(`${outTradeNo}: ${message}`)
  return { accessToken, id: order.id }
}

/** Creates an order; it lives when it is played. */
export async function bringToLife(stage: Stage, outTradeNo: string, life: OrderLife): Promise<LiveOrder> {
  const { merchant, platform } = stage
  const { id, accessToken } = await create(stage, outTradeNo, life)
  const payments: (TakenPayment & { isReportedFalsely: boolean })[] = []

  async function look(): Promise<NonNullable<Looked['order']>> {
    const { order } = await merchant.ask<Looked>(LOOK, { id })
    if (order === null) throw new Error(`${outTradeNo}: the order is gone.`)
    return order
  }

  async function pay({ attempt, fault }: Extract<Step, { kind: 'pay' }>): Promise<void> {
    const { attempts } = await look()
    const tradeNo = attempts[attempt % attempts.length]?.platformTradeNo
    if (tradeNo === undefined) return
    if (fault !== 'none') await platform.disturb({ kind: fault, target: { outTradeNo: tradeNo } })
    const payment = await platform.pay(tradeNo, { evenIfClosed: true })
    const isNew = payment && payments.every((known) => known.transactionId !== payment.transactionId)
    if (isNew) payments.push({ ...payment, isReportedFalsely: fault.startsWith('wrong') })
  }

  async function resolve(): Promise<void> {
    const { anomalies } = await look()
    const open = anomalies.find(({ resolvedAt }) => resolvedAt === null)
    if (open !== undefined) await merchant.ask(RESOLVE, { id, anomaly: open.id })
  }

  async function happen(step: Step): Promise<unknown> {
    switch (step.kind) {
      case 'start':
        return merchant.ask(START, { input: { orderId: id, payment: payer(step.payer) } })
      case 'pay':
        return pay(step)
      case 'redeliver':
        return payments.at(-1) && platform.redeliver(payments.at(-1)?.notificationId ?? '')
      case 'close':
        return merchant.ask(CLOSE, { id })
      case 'confirm':
        return merchant.ask(CONFIRM, { id })
      case 'resolve':
        return resolve()
    }
  }

  return {
    id,
    outTradeNo,
    accessToken,
    payments,
    async play() {
      for (const step of life.steps) {
        await delay(step.pauseMs)
        await happen(step)
      }
    },
  }
}
