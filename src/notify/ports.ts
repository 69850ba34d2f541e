import type { Inbox } from '../models/notification.ts'
import type { RejectionLog } from '../models/rejection.ts'
import type { OrderPorts } from '../orders/ports.ts'

/** What taking in callbacks needs from the rest of the gateway. */
export interface NotifyPorts extends OrderPorts {
  readonly inbox: Inbox
  readonly rejections: RejectionLog
}
