import { expect, test } from 'vitest'
import { createWorkQueues, type WorkLimits } from './work-queues.ts'

interface Item {
  readonly key: string
  readonly id: string
}

function items(key: string, count: number): readonly Item[] {
  return Array.from({ length: count }, (_, index) => ({ key, id: `${key}${index}` }))
}

const LIMITS: WorkLimits = { overall: 4, waiting: 10, waitingOverall: 20, waitingOfEach: 2 }

/** Queues whose work ends when the test says so. */
function queuesWith(limits: WorkLimits = LIMITS) {
  const state = { concurrency: 3, mayBegin: true }
  const underWay = new Map<string, () => void>()
  const begun: string[] = []
  const queues = createWorkQueues<Item>({
    limits,
    keyOf: ({ key }) => key,
    idOf: ({ id }) => id,
    concurrencyOf: () => state.concurrency,
    mayBegin: () => state.mayBegin,
    work: ({ id }) =>
      new Promise((resolve) => {
        begun.push(id)
        underWay.set(id, resolve)
      }),
  })
  return {
    ...queues,
    state,
    begun,
    running: () => [...underWay.keys()],
    async end(id: string): Promise<void> {
      underWay.get(id)?.()
      underWay.delete(id)
      // One turn for the work to end, and one for the next to begin.
      await new Promise((resolve) => void setImmediate(resolve))
    },
  }
}

test('each key has room for one, whatever is under way of the others', () => {
  const { add, running } = queuesWith()
  add(items('a', 9))
  add(items('b', 9))
  for (const key of ['c', 'd', 'e']) add(items(key, 9))
  expect(running()).toEqual(['a0', 'a1', 'a2', 'b0', 'c0', 'd0', 'e0'])
})

test('what is free is given to one key after the other', async () => {
  const { add, end, begun } = queuesWith({ ...LIMITS, overall: 2 })
  add([...items('a', 4), ...items('b', 4)])
  expect(begun).toEqual(['a0', 'b0'])
  for (const id of ['a0', 'b0', 'a1', 'b1']) await end(id)
  expect(begun).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
})

test('what waits or is under way is not taken in again, and what has ended is', async () => {
  const { add, end, begun } = queuesWith()
  add(items('a', 4))
  add(items('a', 4))
  await end('a0')
  await end('a1')
  expect(begun).toEqual(['a0', 'a1', 'a2', 'a3'])
  add(items('a', 1))
  expect(begun).toEqual(['a0', 'a1', 'a2', 'a3', 'a0'])
})

test('what waits is bounded, for each key and in all, and each key may have a little in any case', async () => {
  const { add, state, begun, end, running } = queuesWith()
  for (const key of ['a', 'b', 'c', 'd']) add(items(key, 50))
  state.concurrency = 1
  while (running().length > 0) for (const id of running()) await end(id)
  const counts = ['a', 'b', 'c', 'd'].map((key) => begun.filter((id) => id.startsWith(key)).length)
  expect(counts).toEqual([10, 10, 4, 2])
})

test('there is room while nothing waits and something may begin', async () => {
  const { add, hasRoom, state, end } = queuesWith()
  expect(hasRoom('a')).toBe(true)
  add(items('a', 3))
  expect(hasRoom('a')).toBe(true)
  add(items('a', 4))
  expect(hasRoom('a')).toBe(false)
  await end('a0')
  expect(hasRoom('a')).toBe(true)
  state.concurrency = 0
  expect(hasRoom('a')).toBe(false)
})

test.each(['nothing of its key may be under way', 'its key is refused'])(
  'what waits is dropped when %s, and can be taken in again',
  async (why) => {
    const { add, state, end, begun, hasRoom } = queuesWith()
    add(items('a', 8))
    if (why === 'its key is refused') state.mayBegin = false
    else state.concurrency = 0
    await end('a0')
    Object.assign(state, { concurrency: 3, mayBegin: true })
    expect([begun, hasRoom('a')]).toEqual([['a0', 'a1', 'a2'], true])
    add(items('a', 8).slice(3))
    expect(begun).toEqual(['a0', 'a1', 'a2', 'a3'])
  },
)

test('everything has ended when nothing is under way and nothing waits', async () => {
  const { add, settled, end, begun } = queuesWith({ ...LIMITS, overall: 1 })
  add(items('a', 3))
  let hasEnded = false
  const ended = settled().then(() => (hasEnded = true))
  for (const id of ['a0', 'a1']) await end(id)
  expect([hasEnded, begun.length]).toEqual([false, 3])
  await end('a2')
  await ended
})
