import fc from 'fast-check'
import { expect, inject, onTestFinished, test } from 'vitest'
import { freshDatabaseUri } from '../support/database.ts'
import { expectAllAgree, expectAllKept, expectNothingPayable } from './model/agreement.ts'
import { beginning, commands } from './model/commands.ts'
import { anomaliesOf, statusOf, type Model } from './model/model.ts'
import { deliverWell } from './model/platform-commands.ts'
import { runRound } from './model/time-commands.ts'
import { openWorld, type World } from './model/world.ts'

const DAY_MS = 86_400_000

/** Everything that is pending arrives, and everything that can expire does. */
async function finish(model: Model, world: World): Promise<void> {
  for (const order of model.orders) {
    for (const payment of order.payments) {
      if (!payment.isAcknowledged) await deliverWell(world, { order, payment })
    }
  }
  await expectAllAgree(world, model)
  world.advance(DAY_MS)
  await runRound(model, world, undefined)
  // What the first one found paid may be payable by somebody else.
  await runRound(model, world, undefined)
  await expectAllAgree(world, model)
  expectNothingPayable(world, model)
  await expectAllKept(world, model)
  for (const order of model.orders) {
    if (order.payments.length > 0) expect(statusOf(order)).toBe('PAID')
    expect(['PAID', 'CLOSED']).toContain(statusOf(order))
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
  const { runs, seed } = inject('modelRuns') ?? { runs: 60 }
  const { note, text } = tally()
  const property = fc.asyncProperty(
    beginning,
    fc.commands(commands, { maxCommands: 20, size: 'max' }),
    async (first, others) => {
      const model: Model = { orders: [], note }
      note('run')
      try {
        await fc.asyncModelRun(() => ({ model, real: world }), [first, ...others])
        await finish(model, world)
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
