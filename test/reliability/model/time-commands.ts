import { expectAllAgree } from './agreement.ts'
import { attempt, command, naming, type Command, type Death } from './command.ts'
import type { Model } from './model.ts'
import { learnInRound } from './platform-side.ts'
import type { World } from './world.ts'

const MINUTE_MS = 60_000

/** More than the time for which a round leaves a notification, or a question, to whoever may be at work on it. */
const SETTLED_MS = 16_000

/** A round of what the gateway does by itself, long enough after everything else. */
export async function runRound(model: Model, world: World, death: Death): Promise<void> {
  world.advance(SETTLED_MS)
  const { orders } = model
  const isDue = await Promise.all(orders.map(({ outTradeNo }) => world.isDue(outTradeNo)))
  const outcome = await attempt({ model, world }, { death, orders }, () => world.round())
  if (outcome !== 'died') {
    for (const [index, order] of orders.entries()) {
      if (!order.isShaken) learnInRound(order, world, isDue[index] === true)
    }
  }
  await expectAllAgree(world, model)
  // A round that lived takes up whatever a death had left between two steps.
  if (outcome !== 'died') for (const order of orders) order.isShaken = false
}

/** See `runRound`. */
export function round(death: Death): Command {
  return command(
    `round(${naming.death(death).slice(2)})`,
    () => true,
    (model, world) => runRound(model, world, death),
  )
}

/** Time passes. */
export function advance(minutes: number): Command {
  return command(
    `advance(${minutes} min)`,
    () => true,
    async (_model, world) => world.advance(minutes * MINUTE_MS),
  )
}

/** `kill -9` of an idle gateway. */
export function crash(): Command {
  return command(
    'crash()',
    () => true,
    async (model, world) => {
      await world.crash()
      await expectAllAgree(world, model)
    },
  )
}
