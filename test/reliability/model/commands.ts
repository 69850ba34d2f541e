import fc from 'fast-check'
import type { Command } from './command.ts'
import { close, confirm, create, createAgain, resolve, start } from './merchant-commands.ts'
import type { Payer } from './model.ts'
import { forget, move, useElsewhere } from './number-commands.ts'
import type { ElsewhereChoice } from './other-system.ts'
import { deliverPayment, misreport, pay, reuse, rush } from './platform-commands.ts'
import { advance, crash, round } from './time-commands.ts'

const slot = fc.nat(5)
const index = fc.nat(5)
const payer = fc.constantFrom<Payer>('o-anna', 'o-bert')
const death = fc.option(fc.nat(6), { nil: undefined, freq: 3 })
const rarely = fc.nat(3).map((draw) => draw === 0)

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined })
}

function often<T>(times: number, arbitrary: fc.Arbitrary<T>): readonly fc.Arbitrary<T>[] {
  return Array.from({ length: times }, () => arbitrary)
}

/** The longest outlives the parameters that are handed out. */
const minutes = fc.constantFrom(10, 40, 300)
const elsewhere: fc.Arbitrary<ElsewhereChoice> = fc.record({
  isOtherAmount: rarely,
  paid: fc.constantFrom('not', 'now', 'an hour ago'),
})
const creation = {
  payer: optional(payer),
  minutes,
  elsewhere: fc.option(elsewhere, { nil: undefined, freq: 3 }),
}
const repetition = fc.record({ payer: optional(payer), isOtherAmount: rarely, death })
const delivery = fc.record({ copies: fc.integer({ min: 1, max: 3 }), isAnswerLost: rarely, death })

/** How every run begins: without an order there is nothing that could happen. */
export const beginning: fc.Arbitrary<Command> = fc
  .record({ ...creation, payer, death: fc.constant(undefined) })
  .map(create)

/** Everything that may happen, the usual more often than the rare. */
export const commands: fc.Arbitrary<Command>[] = [
  ...often(3, fc.record({ ...creation, death }).map(create)),
  fc.tuple(slot, repetition).map(([slot, choice]) => createAgain(slot, choice)),
  ...often(
    2,
    fc.tuple(slot, payer, death).map(([slot, payer, death]) => start(slot, payer, death)),
  ),
  ...often(
    3,
    fc.tuple(slot, index, rarely).map(([slot, index, even]) => pay(slot, index, even)),
  ),
  ...often(
    6,
    fc.tuple(index, delivery).map(([index, choice]) => deliverPayment(index, choice)),
  ),
  ...often(2, index.map(misreport)),
  ...often(2, slot.map(reuse)),
  fc.tuple(slot, elsewhere).map(([slot, choice]) => useElsewhere(slot, choice)),
  fc.tuple(slot, index).map(([slot, index]) => forget(slot, index)),
  slot.map(resolve),
  ...often(
    2,
    fc.tuple(slot, death).map(([slot, death]) => close(slot, death)),
  ),
  fc.tuple(slot, death).map(([slot, death]) => confirm(slot, death)),
  ...often(
    2,
    fc.tuple(slot, fc.constantFrom(1, 2)).map(([slot, copies]) => rush(slot, copies)),
  ),
  death.map(round),
  fc.constantFrom(1, 6, 45, 130).map(advance),
  fc.constant(crash()),
  fc.constant(move()),
]
