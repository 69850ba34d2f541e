import { expect, test } from 'vitest'
import { boundedQueue } from './queue.ts'

const END = { done: true, value: undefined }
const value = (text: string) => ({ done: false, value: text })

test('values come in the order in which they were offered', async () => {
  const queue = boundedQueue(2, 'too many')
  const first = queue.take()
  for (const text of ['one', 'two', 'three']) queue.offer(text)
  expect(await first).toEqual(value('one'))
  expect(await queue.take()).toEqual(value('two'))
  expect(await queue.take()).toEqual(value('three'))
})

test('one too many makes room for a word that says so, and that is the last', async () => {
  const queue = boundedQueue(2, 'too many')
  for (const text of ['one', 'two', 'three', 'four']) queue.offer(text)
  expect(await queue.take()).toEqual(value('too many'))
  expect(await queue.take()).toEqual(END)
})

test('an end is told to who waits, and afterwards', async () => {
  const queue = boundedQueue(2, 'too many')
  const waiting = queue.take()
  queue.end()
  expect([await waiting, await queue.take()]).toEqual([END, END])
})

test.each([
  ['who waits for the next one', ['one']],
  ['who has not read yet', ['one', 'two']],
])('a reader whose queue is given up is told so: %s', async (_what, texts) => {
  const queue = boundedQueue(2, 'too many')
  const first = queue.take()
  for (const text of texts) queue.offer(text)
  expect(await first).toEqual(value('one'))
  const next = texts.length === 1 ? queue.take() : undefined
  queue.overflow()
  queue.offer('three')
  expect(await (next ?? queue.take())).toEqual(value('too many'))
  expect(await queue.take()).toEqual(END)
})
