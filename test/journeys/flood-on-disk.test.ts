import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ownEngine } from '../support/engine.ts'
import { from, noiseNotice, startFlood } from '../support/flood.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'
import { canMountDisk, smallDisk } from '../support/small-disk.ts'

const MIB = 1024 * 1024
/** The engine makes no index where there are less than 500. */
const DISK_MIB = 700
const POSTS = 1500
const BODY_BYTES = 64_000

/** Bytes that the files below a folder take on its disk. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true })
  const sizes = entries.map((entry) =>
    stat(join(folder, entry)).then(
      ({ blocks }) => blocks * 512,
      // The engine deletes files of its own meanwhile.
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

test.skipIf(!canMountDisk)(
  'a flood of large posts writes next to nothing to the disk',
  async () => {
    const disk = smallDisk(DISK_MIB)
    const engine = await ownEngine(disk.folder)
    const gateway = await openGateway({ databaseUri: engine.uri, trustedProxies: 1 })
    const { order } = await payableOrder(gateway)
    const before = await bytesIn(disk.folder)
    // Every third one has no headers of a signature, and they come from a thousand addresses.
    const flood = startFlood(gateway, (index) => {
      const { headers, body } = noiseNotice(gateway, index, BODY_BYTES)
      return from(`198.51.${index % 4}.${index % 250}`, { headers: index % 3 === 0 ? [] : headers, body })
    })
    await vi.waitFor(() => expect(flood.answered()).toBeGreaterThan(POSTS), {
      interval: 20,
      timeout: 60_000,
    })
    expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
    await flood.stop()
    // The log of the engine is on disk now: the acknowledged payment has flushed it.
    const grown = (await bytesIn(disk.folder)) - before
    expect(flood.answered() * BODY_BYTES).toBeGreaterThan(90 * MIB)
    expect(grown).toBeLessThan(6 * MIB)
  },
  120_000,
)
