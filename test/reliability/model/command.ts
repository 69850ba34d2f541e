import type { AsyncCommand } from 'fast-check'
import type { Model, ModelOrder } from './model.ts'
import type { ElsewhereChoice } from './other-system.ts'
import type { World } from './world.ts'

/** One thing that may happen. */
export type Command = AsyncCommand<Model, World>

/** A gateway that dies after so many calls of its database; undefined for one that lives on. */
export type Death = number | undefined

/** A command; its name says exactly what it does, so that a failure can be read. */
export function command(
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, world: World) => Promise<void>,
): Command {
  const kind = name.slice(0, name.indexOf('('))
  return {
    check,
    run(model, world) {
      model.note(kind)
      return run(model, world)
    },
    toString: () => name,
  }
}

/** The parts of a command's name that tell when the gateway dies, and what another system did with a number. */
export const naming = {
  death: (death: Death): string => (death === undefined ? '' : `, dies after ${death} calls`),
  elsewhere: ({ isOtherAmount, paid }: ElsewhereChoice): string =>
    `used elsewhere${isOtherAmount ? ' for another amount' : ''}, ${paid === 'not' ? 'not paid' : `paid ${paid}`}`,
}

/** What a call came to, or that the gateway died over it; then the order is somewhere between two steps. */
export async function attempt<T>(
  { model, world }: { readonly model: Model; readonly world: World },
  { death, orders }: { readonly death: Death; readonly orders: Iterable<ModelOrder> },
  work: () => Promise<T>,
): Promise<T | 'died'> {
  if (death === undefined) return work()
  const outcome = await world.withLife(death, work)
  if (outcome !== 'died') return outcome
  model.note('death at work')
  for (const order of orders) order.isShaken = true
  return 'died'
}

/** The order that a command means: any number means one as soon as there is one. */
export function pickOrder({ orders }: Model, index: number): ModelOrder {
  const order = orders[index % orders.length]
  if (order === undefined) throw new Error('There is no order.')
  return order
}

/** Tells whether there is an order that a command could mean. */
export function hasOrder({ orders }: Model): boolean {
  return orders.length > 0
}
