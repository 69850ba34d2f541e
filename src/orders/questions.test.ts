import { expect, test } from 'vitest'
import { createQuestions, type Asker } from './questions.ts'

/** Questions of one merchant by a clock that is moved by hand. */
function questionsOf(perSecond: number) {
  const clock = { ms: 0 }
  const questions = createQuestions({ perSecond, now: () => new Date(clock.ms) })
  function take(asker: Asker): number {
    let taken = 0
    while (questions.spend('acme', asker)) taken += 1
    return taken
  }
  return { take, pass: (ms: number) => void (clock.ms += ms) }
}

test('however often callers ask, the schedule has a quarter of the budget', () => {
  const { take, pass } = questionsOf(10)
  expect([take('caller'), take('schedule')]).toEqual([15, 5])
  pass(1000)
  expect([take('caller'), take('schedule')]).toEqual([5, 5])
})

test('the schedule may have everything that nobody else asks for', () => {
  expect(questionsOf(10).take('schedule')).toBe(20)
})

test('the smallest budget is there for callers too', () => {
  expect(questionsOf(1).take('caller')).toBe(1)
})
