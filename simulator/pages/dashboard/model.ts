/** One order as `/sandbox/state` tells it; times are ISO 8601. */
export type Order = {
  readonly mchId: string
  readonly outTradeNo: string
  readonly description: string
  /** Fen. */
  readonly total: number
  readonly state: 'NOTPAY' | 'SUCCESS' | 'CLOSED'
  readonly createdAt: string
  readonly timeExpire: string
  readonly notifyUrl: string
  /** Masked. */
  readonly openid: string
  readonly transactionId?: string
  readonly paidAt?: string
  /** Fen, if coupons paid a part. */
  readonly payerTotal?: number
  readonly prepayExpiresAt?: string
}

/** One try to deliver a notification. */
export type Attempt = {
  readonly at: string
  readonly status?: number
  readonly answer?: string
  readonly error?: string
  readonly milliseconds: number
  readonly manual: boolean
  /** The kind of fault that struck it. */
  readonly fault?: string
  /** Why the answer does not count, or that it was lost. */
  readonly verdict?: 'IGNORED' | 'LOST'
}

/** A notification with its attempts, oldest first. */
export type Notification = {
  readonly id: string
  readonly mchId: string
  readonly outTradeNo: string
  readonly eventType: string
  readonly url: string
  readonly state: 'PENDING' | 'DELIVERED' | 'GAVE_UP' | 'LOST'
  readonly attempts: readonly Attempt[]
  readonly nextAttemptAt?: string
}

/** A fault that waits for a victim or holds one back; its further fields are its parameters. */
export type ActiveFault = {
  readonly id: string
  readonly kind: string
  readonly times: number | 'always'
  readonly hits: number
  readonly underWay: number
  readonly target?: { readonly mchId?: string; readonly outTradeNo?: string; readonly call?: string }
  readonly [parameter: string]: unknown
}

/** The answer of `/sandbox/state`. */
export type State = {
  readonly platform: {
    readonly publicKeyId: string
    readonly certificateSerial: string
    readonly signWith: 'public-key' | 'certificate'
    readonly timeFactor: number
  }
  readonly merchants: readonly {
    readonly mchId: string
    readonly name: string
    readonly appIds: readonly string[]
  }[]
  readonly orderCount: number
  readonly orders: readonly Order[]
  readonly notifications: readonly Notification[]
  readonly faults: readonly ActiveFault[]
}

/** What the page shows: the newest state, and whether it is still being told. */
export type View = {
  readonly state: State | undefined
  readonly isLive: boolean
  /** Why the last button press failed. */
  readonly problem: string | undefined
}
