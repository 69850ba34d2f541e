import { expect, test } from 'vitest'
import { createScheduler } from './scheduler.ts'

const nextTick = () => new Promise((resolve) => setImmediate(resolve))

async function until(isDone: () => boolean): Promise<number> {
  let ticks = 0
  for (; !isDone(); ticks += 1) await nextTick()
  return ticks
}

const known = (key: string) => ({ key, isKnown: true })
const anonymous = (key: string) => ({ key, isKnown: false })

test('callers take turns, and the jobs of one caller keep their order', async () => {
  const scheduler = createScheduler()
  const done: string[] = []
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'])
    scheduler.schedule(known(name.slice(0, 1)), () => done.push(name))
  expect(scheduler.waiting(known('a'))).toBe(3)
  await until(() => done.length === 6)
  expect(done).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  expect(scheduler.waiting(known('a'))).toBe(0)
})

test('known callers come first, and anonymous ones are served nevertheless', async () => {
  const clock = { ms: 0 }
  const scheduler = createScheduler(() => clock.ms)
  const done: string[] = []
  const work = (name: string) => (): void => {
    done.push(name)
    clock.ms += 1
  }
  for (let number = 0; number < 8; number += 1) {
    scheduler.schedule(anonymous('x'), work('x'))
    scheduler.schedule(known('k'), work('k'))
  }
  await until(() => done.length === 16)
  expect(done.slice(0, 6).join('')).toBe('kkxkkx')
  expect(done.slice(-4).join('')).toBe('xxxx')
})

test('after two milliseconds of work the event loop goes on before the rest', async () => {
  const clock = { ms: 0 }
  const scheduler = createScheduler(() => clock.ms)
  let done = 0
  for (let number = 0; number < 100; number += 1) {
    scheduler.schedule(known('k'), () => {
      done += 1
      clock.ms += 2
    })
  }
  await nextTick()
  const atOnce = done
  await nextTick()
  expect(done - atOnce).toBeLessThanOrEqual(2)
  expect(await until(() => done === 100)).toBeGreaterThan(40)
})

test('what a job goes on to do in microtasks counts as its work', async () => {
  const clock = { ms: 0 }
  const scheduler = createScheduler(() => clock.ms)
  let done = 0
  const work = async (): Promise<void> => {
    await scheduler.wait(known('k'))
    await Promise.resolve()
    clock.ms += 2
    done += 1
  }
  const all = Promise.all(Array.from({ length: 20 }, work))
  await nextTick()
  await nextTick()
  expect(done).toBeLessThanOrEqual(4)
  await all
})

test('a job that adds another one is followed by it', async () => {
  const scheduler = createScheduler()
  const done: number[] = []
  const work = (number: number) => (): void => {
    done.push(number)
    if (number < 50) scheduler.schedule(known('k'), work(number + 1))
  }
  scheduler.schedule(known('k'), work(1))
  await until(() => done.length === 50)
  expect(done).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
})
