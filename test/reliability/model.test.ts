import fc from 'fast-check'
import { expect, inject, onTestFinished, test } from 'vitest'
import { freshDatabaseUri } from '../support/database.ts'
import { expectAllAgree, expectAllFound, expectAllKept, expectNothingPayable } from './model/agreement.ts'
import { beginning, commands } from './model/commands.ts'
import { resolveAll } from './model/merchant-commands.ts'
import { anomaliesOf, isNotified, statusOf, type Model } from './model/model.ts'
import { deliverWell } from './model/platform-commands.ts'
import { runRound } from './model/time-commands.ts'
import { openWorld, type World } from './model/world.ts'

const DAY_MS = 86_400_000

/** More rounds than the numbers of an order need, one after the other, until none of them can be paid. */
const LAST_ROUNDS = 3

async function endAll(model: Model, world: World): Promise<void> {
  world.advance(DAY_MS)
  for (let round = 0; round < LAST_ROUNDS; round += 1) {
    for (const order of model.orders) if (!order.isShaken) await resolveAll(world, order)
    await runRound(model, world, undefined)
  }
}

async function deliverAll(model: Model, world: World): Promise<void> {
  for (const order of model.orders) {
    for (const payment of order.payments.filter(isNotified)) {
      if (!payment.isAcknowledged) await deliverWell(world, { order, payment })
    }
  }
  await expectAllAgree(world, model)
}

/**
 * Everything that can expire does, after everything that is pending has arrived; or nothing more arrives, and the gateway must
 * find out by itself.
 */
async function finish(model: Model, world: World, isSilent: boolean): Promise<void> {
  if (!isSilent) await deliverAll(model, world)
  // The second day brings the last query about what ended on the first.
  await endAll(model, world)
  await endAll(model, world)
  expectNothingPayable(world, model)
  await expectAllKept(world, model)
  await expectAllFound(world, model)
  for (const order of model.orders) {
    expect(statusOf(order)).toBe(order.heard.size > 0 ? 'PAID' : 'CLOSED')
    for (const what of [`ended ${statusOf(order)}`, ...anomaliesOf(order)]) model.note(what)
  }
}

function tally() {
  const counts = new Map<string, number>()
  return {
    note: (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    text: () => [...counts].map(([what, count]) => `${what} ${count}`).join(', '),
  }
}

test('whatever happens in whatever order, the gateway agrees with the model', async () => {
  const world = await openWorld(freshDatabaseUri())
  onTestFinished(() => world.close())
  const { runs, seed } = inject('modelRuns') ?? { runs: 40 }
  const { note, text } = tally()
  const property = fc.asyncProperty(
    beginning,
    fc.commands(commands, { maxCommands: 20, size: 'max' }),
    fc.boolean(),
    async (first, others, isSilent) => {
      const model: Model = { orders: [], note }
      note('run')
      try {
        await fc.asyncModelRun(() => ({ model, real: world }), [first, ...others])
        await finish(model, world, isSilent)
      } finally {
        world.simulator.faults.clear()
        await world.reset()
      }
    },
  )
  await fc.assert(property, { numRuns: runs, unbiased: true, ...(seed !== undefined && { seed }) })
  if (inject('modelRuns') !== undefined) process.stdout.write(`${text()}\n`)
}, 3_600_000)

declare module 'vitest' {
  interface ProvidedContext {
    /** How many random runs, and from which seed; absent in the usual suite. */
    modelRuns?: { readonly runs: number; readonly seed?: number }
  }
}
