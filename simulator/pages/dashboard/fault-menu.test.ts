import { expect, it } from 'vitest'
import { faultKinds, readFault } from '../../fault-kinds.ts'
import { everyCall, faultMenu, unchanged } from './fault-menu.ts'
import type { Field } from './fault-menu.ts'
import { chinese } from './fault-words-chinese.ts'
import { english } from './fault-words-english.ts'

const startOf = (field: Field): unknown =>
  field.type === 'choice'
    ? field.choices.find((choice) => choice !== everyCall && choice !== unchanged)
    : field.start

it('offers every kind of fault, on its side', () => {
  for (const side of ['delivery', 'api'] as const) {
    const offered = faultMenu.filter((entry) => entry.side === side).map(({ kind }) => kind)
    expect(offered).toEqual(faultKinds[side])
  }
})

it.each(faultMenu)('offers $kind with parameters that the simulator takes', ({ kind, fields }) => {
  const given = fields.map((field) => [field.name, startOf(field)] as const)
  const parameters = given.filter(([name, value]) => name !== 'call' && value !== undefined)
  const target = given.filter(([name]) => name === 'call')
  const fault = { kind, ...Object.fromEntries(parameters), target: Object.fromEntries(target) }
  expect(readFault(fault)).toMatchObject(fault)
})

it.each([
  ['English', english],
  ['Chinese', chinese],
])('has %s words for every kind, parameter and choice', (_language, words) => {
  for (const { kind, fields } of faultMenu) {
    expect(words.kinds[kind], kind).toHaveLength(2)
    for (const field of fields) {
      expect(words.fields[field.name], field.name).toBeTypeOf('string')
      const choices = field.type === 'choice' ? field.choices : []
      for (const choice of choices) expect(words.choices[choice], choice).toBeTypeOf('string')
    }
  }
})
