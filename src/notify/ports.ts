import type { Platform } from '../domain/payment-fact.ts'
import type { Inbox } from '../models/notification.ts'
import type { RejectionLog } from '../models/rejection.ts'
import type { OrderPorts } from '../orders/ports.ts'

/** Whose notification it is, by the URL that it was sent to. */
export interface Sender {
  readonly platform: Platform
  readonly merchantId: string
}

/** What taking in callbacks needs from the rest of the gateway. */
export interface NotifyPorts extends OrderPorts {
  readonly inbox: Inbox
  readonly rejections: RejectionLog
}
