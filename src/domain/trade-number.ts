import type { Order } from './order.ts'
import type { Platform } from './payment-fact.ts'

/** What a page pays with, e.g. WeChat's `prepay_id`, and until when the platform takes it. */
export interface PrepayHandle {
  readonly id: string
  readonly expiresAt: Date
}

/**
 * A number under which a platform may know a payment of an order. It is stored before the platform is called for the first
 * time, and stays until a query has proved that it is not known there. Beside the order's events: it may change without one.
 */
export interface TradeNumber {
  readonly platform: Platform
  /** The `out_trade_no` at the platform. */
  readonly platformTradeNo: string
  /** Who is to pay under it; null where an earlier version did not store that. */
  readonly appId: string | null
  /** The payer's id under `appId`. Personal data: it never reaches a log or the API. */
  readonly payerId: string | null
  readonly createdAt: Date
  /** The newest one; null while there is none that can be used. */
  readonly prepay: PrepayHandle | null
  /** When a query proved that nobody can pay under it (any more); null while it may be payable at the platform. */
  readonly endedAt: Date | null
}

/** Names one number. */
export type NumberName = Pick<TradeNumber, 'platform' | 'platformTradeNo'>

/** Tells whether two names are the same one. */
export function isSameNumber(one: NumberName, other: NumberName): boolean {
  return one.platform === other.platform && one.platformTradeNo === other.platformTradeNo
}

/** The number of that name; undefined when there is none. */
export function findNumber(numbers: readonly TradeNumber[], name: NumberName): TradeNumber | undefined {
  return numbers.find((number) => isSameNumber(number, name))
}

/** The numbers with one that is new or changed. */
export function withNumber(numbers: readonly TradeNumber[], number: TradeNumber): readonly TradeNumber[] {
  return findNumber(numbers, number) === undefined
    ? [...numbers, number]
    : numbers.map((known) => (isSameNumber(known, number) ? number : known))
}

/** The numbers without one. */
export function withoutNumber(numbers: readonly TradeNumber[], name: NumberName): readonly TradeNumber[] {
  return numbers.filter((known) => !isSameNumber(known, name))
}

/** Tells whether somebody was given the parameters to pay under a number. */
export function isHandedOut({ attempts }: Pick<Order, 'attempts'>, name: NumberName): boolean {
  return attempts.some((attempt) => isSameNumber(attempt, name))
}

/** The numbers under which no money is known to have arrived that was believed. */
export function unpaidNumbers({ numbers, transactions }: Order): readonly TradeNumber[] {
  return numbers.filter((number) => !transactions.some((paid) => isSameNumber(paid, number)))
}

/** The unpaid numbers that may be payable at the platform. */
export function openNumbers(order: Order): readonly TradeNumber[] {
  return unpaidNumbers(order).filter(({ endedAt }) => endedAt === null)
}
