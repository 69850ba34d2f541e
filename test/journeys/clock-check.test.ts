import { expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { createOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'

interface Readiness {
  readonly status: string
  readonly clock?: { readonly offsetSeconds: number; readonly measuredSecondsAgo: number }
}

async function readyz({ url }: TestGateway): Promise<Readiness> {
  const response = await fetch(`${url}/readyz`)
  expect(response.status).toBe(200)
  return (await response.json()) as Readiness
}

/** What is said of a clock that is so far ahead of the platform's, once the platform was called. */
async function afterCall(aheadSeconds: number) {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  expect(await readyz(gateway)).toEqual({ status: 'ready' })
  gateway.advance(aheadSeconds * 1000)
  await createOrder(gateway)
  await createOrder(gateway)
  const said = await readyz(gateway)
  return {
    gateway,
    said,
    clockLines: () => lines.filter(({ message }) => message.startsWith('The clock of')),
  }
}

test('a clock that is right is shown, and has no line in the log', async () => {
  const { said, clockLines } = await afterCall(0)
  expect(Object.keys(said)).toEqual(['status', 'clock'])
  expect(Math.abs(said.clock?.offsetSeconds ?? 99)).toBeLessThanOrEqual(5)
  expect(clockLines()).toEqual([])
})

test.each([
  [-312, 'error', 'behind'],
  [86_400, 'error', 'ahead of'],
  [90, 'warn', 'ahead of'],
] as const)('a clock that is off by %i seconds is shown, and has one line', async (seconds, level, words) => {
  const { said, clockLines } = await afterCall(seconds)
  expect(said.status).toBe('ready')
  expect(Math.abs((said.clock?.offsetSeconds ?? 0) - seconds)).toBeLessThanOrEqual(5)
  expect(clockLines()).toMatchObject([{ level, message: expect.stringContaining(words) }])
})

test('when it is right again there is a line too', async () => {
  const { gateway, clockLines } = await afterCall(-600)
  gateway.advance(600_000)
  // One answer alone might be a strange one.
  for (let call = 0; call < 3; call += 1) await createOrder(gateway)
  expect(clockLines().map(({ level }) => level)).toEqual(['error', 'info'])
  expect(Math.abs((await readyz(gateway)).clock?.offsetSeconds ?? 99)).toBeLessThanOrEqual(5)
})
