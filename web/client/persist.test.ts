import { expect, onTestFinished, test, vi } from 'vitest'
import { persist } from './persist.ts'

/** Something whose tries end as the test says, one after the other. */
function openPersistence() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const tries: ((isDone: boolean) => void)[] = []
  const said: string[] = []
  const persistence = persist(() => new Promise((resolve) => void tries.push(resolve)), {
    success: () => void said.push('success'),
    miss: () => void said.push('miss'),
  })
  async function end(index: number, isDone: boolean): Promise<void> {
    tries[index]?.(isDone)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { persistence, tries, said, end }
}

test('it is tried until it succeeds, and then no more', async () => {
  const { persistence, tries, said, end } = openPersistence()
  const first = persistence.now()
  await end(0, false)
  expect(await first).toBe(false)
  await vi.advanceTimersByTimeAsync(500)
  expect(tries).toHaveLength(2)
  await end(1, true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([tries.length, said]).toEqual([2, ['miss', 'success']])
})

test('a try that was overtaken says nothing and plans nothing', async () => {
  const { persistence, tries, said, end } = openPersistence()
  const [first, second] = [persistence.now(), persistence.now()]
  await end(0, false)
  expect(await first).toBe(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([tries.length, said]).toEqual([2, []])
  await end(1, true)
  expect([await second, said]).toEqual([true, ['success']])
})

test('stopped, it neither says anything nor tries again', async () => {
  const { persistence, tries, said, end } = openPersistence()
  void persistence.now()
  persistence.stop()
  await end(0, false)
  expect([tries.length, said, vi.getTimerCount()]).toEqual([1, [], 0])
})
