import { expect, onTestFinished, test, vi } from 'vitest'
import { createGrace } from './grace.ts'

const GRACE_MS = 900_000

/** A grace whose question is answered as told, and what came of it. */
function openGrace(isAnswered = true) {
  vi.useFakeTimers()
  const said: string[] = []
  const note = (what: string) => () => void said.push(what)
  const grace = createGrace({
    async ask() {
      said.push('asked')
      return isAnswered
    },
    success: note('success'),
    miss: note('miss'),
    unseen: note('unseen'),
  })
  onTestFinished(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })
  return { grace, said }
}

test.each([
  [true, ['asked', 'success']],
  [false, ['asked', 'miss']],
])('after a quarter of an hour it is asked, and the answer (%s) decides', async (isAnswered, expected) => {
  const { grace, said } = openGrace(isAnswered)
  grace.begin()
  await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
  expect(said).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(said).toEqual(expected)
})

test('begun anew, the whole time passes again', async () => {
  const { grace, said } = openGrace()
  grace.begin()
  await vi.advanceTimersByTimeAsync(GRACE_MS / 2)
  grace.begin()
  await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
  expect(said).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(said).toEqual(['asked', 'success'])
})

test('while nobody looks nothing is asked', async () => {
  const { grace, said } = openGrace()
  vi.stubGlobal('document', { visibilityState: 'hidden' })
  grace.begin()
  await vi.advanceTimersByTimeAsync(GRACE_MS)
  expect(said).toEqual(['unseen'])
})

test('stopped, it leaves nothing', () => {
  const { grace } = openGrace()
  grace.begin()
  grace.stop()
  expect(vi.getTimerCount()).toBe(0)
})
