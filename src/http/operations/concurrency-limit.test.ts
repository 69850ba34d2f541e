import { expect, test } from 'vitest'
import {
  createConcurrencyLimit,
  type ConcurrencyLimit,
  type Demand,
  type Release,
} from './concurrency-limit.ts'

function demands(limit: ConcurrencyLimit, usual: Partial<Demand> = {}) {
  const under: string[] = []
  const refused: string[] = []
  const releases = new Map<string, Release>()
  async function acquire(name: string, changes: Partial<Demand> = {}): Promise<void> {
    const [holder = ''] = name
    try {
      const release = await limit.acquire({
        holder,
        weight: 1,
        perHolder: 2,
        waiting: 2,
        ...usual,
        ...changes,
      })
      under.push(name)
      releases.set(name, release)
    } catch {
      refused.push(name)
    }
  }
  return {
    acquire: (name: string, changes?: Partial<Demand>) => void acquire(name, changes),
    release: (name: string) => releases.get(name)?.(),
    under,
    refused,
  }
}

/** Resolves when the continuations of resolved promises have run. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a holder takes so much at once; further demands wait in their order, and are refused when too many wait', async () => {
  const { acquire, release, under, refused } = demands(createConcurrencyLimit({ overall: 10, waitMs: 1e6 }))
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1']) acquire(name)
  await settled()
  expect([under, refused]).toEqual([['a1', 'a2', 'b1'], ['a5']])
  release('a1')
  release('a1')
  await settled()
  expect(under.at(-1)).toBe('a3')
  release('a2')
  await settled()
  expect(under.at(-1)).toBe('a4')
  acquire('a6')
  await settled()
  expect(under).not.toContain('a6')
})

test('when the overall limit is reached, holders are served round robin', async () => {
  const { acquire, release, under } = demands(createConcurrencyLimit({ overall: 2, waitMs: 1e6 }))
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1']) acquire(name)
  await settled()
  for (const name of ['a1', 'a2', 'a3', 'b1']) {
    release(name)
    await settled()
  }
  expect(under).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4'])
})

test('a demand above the limit takes the whole limit, and smaller ones do not overtake it', async () => {
  const { acquire, release, under } = demands(createConcurrencyLimit({ overall: 3, waitMs: 1e6 }), {
    perHolder: 3,
  })
  acquire('a1')
  acquire('b1', { weight: 20 })
  acquire('c1')
  await settled()
  expect(under).toEqual(['a1'])
  release('a1')
  await settled()
  expect(under).toEqual(['a1', 'b1'])
  release('b1')
  await settled()
  expect(under).toEqual(['a1', 'b1', 'c1'])
})

test('a demand that has waited too long is refused, and that of a client which is not connected any more is not met', async () => {
  const limit = createConcurrencyLimit({ overall: 1, waitMs: 20 })
  const { acquire, release, under, refused } = demands(limit)
  acquire('a1')
  acquire('b1')
  await expect.poll(() => refused).toEqual(['b1'])
  acquire('c1', { isDisconnected: () => true })
  acquire('d1')
  release('a1')
  await expect.poll(() => under).toEqual(['a1', 'd1'])
  expect(refused).toEqual(['b1', 'c1'])
})

test('however many clients have disconnected while they waited, none of them is met, and those behind them are', async () => {
  const limit = createConcurrencyLimit({ overall: Infinity, waitMs: 1e6 })
  const { acquire, release, under, refused } = demands(limit, { perHolder: 1, waiting: 1e6 })
  let areDisconnected = false
  acquire('a1')
  for (let count = 0; count < 5000; count += 1) acquire('a', { isDisconnected: () => areDisconnected })
  acquire('a2')
  acquire('b1', { isDisconnected: () => areDisconnected })
  areDisconnected = true
  await settled()
  release('a1')
  await settled()
  expect(under).toEqual(['a1', 'b1', 'a2'])
  expect(refused).toHaveLength(5000)
})
