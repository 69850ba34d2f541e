import { describe, expect, onTestFinished, test } from 'vitest'
// Declares what the suite provides to the support of its tests.
import '../../test/support/global-setup.ts'
import { recordedLog } from '../../test/support/recorded-log.ts'
import { hasRedis, openRedis } from '../../test/support/redis.ts'
import { redisBus } from './bus.ts'

/** The bus of a process, and the hints that it has got. */
function openBus(url: string) {
  const hints: string[] = []
  const { log, lines } = recordedLog()
  const bus = redisBus(url, { log, onHint: (id, seq) => void hints.push(`${id} ${seq}`) })
  onTestFinished(() => bus.close())
  return { bus, hints, lines }
}

describe.skipIf(!hasRedis)('hints over Redis', () => {
  test('are got of an order for as long as it is watched', async () => {
    const redis = await openRedis()
    const [here, there] = [openBus(redis.url), openBus(redis.url)]
    here.bus.watch('a')
    here.bus.watch('b')
    const send = (seq: number) => ['a', 'b'].forEach((id) => there.bus.hint(id, seq))
    await expect.poll(() => (send(1), here.hints)).toEqual(expect.arrayContaining(['a 1', 'b 1']))
    here.bus.unwatch('a')
    await expect.poll(() => redis.subscribers('paybell:order:a')).toBe(0)
    // Hints come in the order in which they were sent: with the second one, all that were under way have come.
    await expect.poll(() => (send(2), here.hints)).toContain('b 2')
    await expect.poll(() => (send(3), here.hints)).toContain('b 3')
    expect(here.hints).not.toContain('a 2')
    expect(here.hints).not.toContain('a 3')
  })

  test('are got of all orders until that is stopped', async () => {
    const redis = await openRedis()
    const [here, there] = [openBus(redis.url), openBus(redis.url)]
    const all: string[] = []
    const stop = here.bus.watchAll((id, seq) => void all.push(`${id} ${seq}`))
    await expect.poll(() => (there.bus.hint('a', 3), all)).toContain('a 3')
    here.bus.watch('b')
    stop()
    // What is stopped first is stopped by the time at which what is sent later arrives.
    await expect.poll(() => (there.bus.hint('b', 1), here.hints)).toContain('b 1')
    all.length = 0
    await expect.poll(() => (there.bus.hint('b', 2), here.hints)).toContain('b 2')
    expect(all).toEqual([])
  })

  test('are watched again once Redis is back, and the log says once that it was gone', async () => {
    const redis = await openRedis()
    const [here, there] = [openBus(redis.url), openBus(redis.url)]
    here.bus.watch('a')
    await expect.poll(() => (there.bus.hint('a', 1), here.hints)).toContain('a 1')
    await redis.kill()
    await expect.poll(() => here.lines).toHaveLength(1)
    await redis.restart()
    await expect.poll(() => (there.bus.hint('a', 2), here.hints)).toContain('a 2')
    expect(here.lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining('Redis cannot be reached') },
      { level: 'info', message: 'Redis is back.' },
    ])
  })
})
