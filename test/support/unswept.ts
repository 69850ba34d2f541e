import {
  loseNotifications,
  notePlatformCalls,
  payAtPlatform,
  readEnd,
  stateAtPlatform,
  sweeper,
} from './asking.ts'
import { freePort } from './free-port.ts'
import { openGateway } from './gateway.ts'
import { payableOrder } from './orders.ts'

const SECOND_MS = 1000
const HOUR_MS = 3600 * SECOND_MS

/** A gateway that never sweeps by itself, with a clock that only moves when it is told to. Nobody is told of payments. */
export async function unswept() {
  const clock = { ms: Math.floor(Date.now() / SECOND_MS) * SECOND_MS }
  const gateway = await openGateway({ now: () => new Date(clock.ms), platformPort: await freePort() })
  loseNotifications(gateway)
  const pass = (ms: number): void => {
    clock.ms += ms
    gateway.advanceAll(ms)
  }
  return { gateway, pass, calls: notePlatformCalls(gateway), sweepOnce: sweeper(gateway) }
}

/** With an order that could be paid, and that expires in an hour. */
export async function unsweptOrder() {
  const opened = await unswept()
  const { gateway } = opened
  const expiresAt = new Date(gateway.parts.now().getTime() + HOUR_MS).toISOString()
  const { order, accessToken } = await payableOrder(gateway, { expiresAt })
  return {
    ...opened,
    order,
    accessToken,
    pay: (terms = {}) => payAtPlatform(gateway, order, terms),
    read: () => readEnd(gateway, order.id),
    there: () => stateAtPlatform(gateway, order.outTradeNo),
  }
}
