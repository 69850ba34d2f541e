import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { payAtPlatform } from '../support/asking.ts'
import { databaseAt, lookInto } from '../support/database.ts'
import { ownEngine } from '../support/engine.ts'
import type { TestGateway } from '../support/gateway.ts'
import type { OrderView } from '../support/orders.ts'
import {
  delivered,
  deliveries,
  expectAllOnce,
  expectOnlyUnavailable,
  isAccepted,
  payableOrdersOn,
} from '../support/outage.ts'
import { canMountDisk, smallDisk } from '../support/small-disk.ts'

const PAYMENTS = 40
/** The engine makes no index where there are less than 500. */
const DISK_MIB = 700
const LEFT_MIB = 32
const BALLAST_BYTES = 128 * 1024

/** Writes to the engine until it can take no more. */
function writeUntilFull(uri: string): Promise<void> {
  return lookInto(uri, async (database) => {
    const ballast = database.collection('ballast')
    const mostWrites = (LEFT_MIB * 1024 * 1024) / BALLAST_BYTES
    for (let written = 0; written < mostWrites; written += 1) {
      const isTaken = ballast.insertOne({ bytes: randomBytes(BALLAST_BYTES) }).then(
        () => true,
        () => false,
      )
      if (!(await isTaken)) return
    }
    throw new Error('The disk does not get full.')
  })
}

function payAll(gateway: TestGateway, orders: readonly OrderView[]) {
  return Promise.all(orders.map((order) => payAtPlatform(gateway, order)))
}

test.skipIf(!canMountDisk)(
  'on a full disk everything is answered 503, and applied once by the retries when there is room',
  async () => {
    const disk = smallDisk(DISK_MIB)
    const engine = await ownEngine(disk.folder)
    const { gateway, orders } = await payableOrdersOn(engine.uri, PAYMENTS)
    disk.shrinkTo(LEFT_MIB)
    // Its indexes are there already, so another gateway can start on what is left.
    await databaseAt(engine.uri)
    await Promise.all([payAll(gateway, orders.slice(0, PAYMENTS / 2)), writeUntilFull(engine.uri)])
    await disk.fill()
    const fullAt = new Date().toISOString()
    await payAll(gateway, orders.slice(PAYMENTS / 2))
    await vi.waitFor(
      () => {
        const counts = gateway.simulator.notifications().map(({ attempts }) => attempts.length)
        expect([counts.length, Math.min(...counts)]).toEqual([
          PAYMENTS,
          expect.toSatisfy((least) => least > 0),
        ])
      },
      { interval: 20, timeout: 30_000 },
    )
    const refused = deliveries(gateway).filter((delivery) => !isAccepted(delivery))
    expect(refused.length).toBeGreaterThanOrEqual(PAYMENTS / 2)
    const accepted = deliveries(gateway).filter(isAccepted)
    expect(accepted.filter(({ at }) => at > fullAt)).toEqual([])

    await disk.free()
    await delivered(gateway)
    expectOnlyUnavailable(deliveries(gateway).filter((delivery) => !isAccepted(delivery)))
    await expectAllOnce(gateway, orders)
  },
  120_000,
)
