import { dispatchAction, element } from './elements.ts'
import { everyCall, faultMenu, unchanged } from './fault-menu.ts'
import type { Field, MenuEntry } from './fault-menu.ts'
import { input, labelled, option, select } from './form-fields.ts'
import type { Control } from './form-fields.ts'
import { faultName, faultWords } from './fault-words.ts'
import type { Order } from './model.ts'

/** The form that adds a fault. It stays in the page, so that what one is typing outlives the page's changes. */
export type FaultForm = {
  readonly root: HTMLElement
  /** Offers these orders as targets. */
  readonly offer: (orders: readonly Order[]) => void
  /** Chooses a target. */
  readonly aim: (order: OrderRef) => void
}

/** How an order is named. */
export type OrderRef = Pick<Order, 'mchId' | 'outTradeNo'>

const repetitions = [1, 2, 3, 5]
const keyOf = ({ mchId, outTradeNo }: OrderRef): string => JSON.stringify({ mchId, outTradeNo })

function controlOf(field: Field): Control {
  const id = `fault-${field.name}`
  if (field.type === 'choice') {
    return select(
      id,
      field.choices.map((choice) => option(choice, faultWords.choices[choice] ?? choice)),
    )
  }
  const placeholder = faultWords.empty[field.name] ?? ''
  const { start } = field
  return input(id, field.type, { placeholder, ...(start !== undefined && { start: String(start) }) })
}

const leftOut: ReadonlySet<unknown> = new Set(['', everyCall, unchanged])

/** What the filled-in fields say: the parameters of a fault, and which call it is aimed at. */
function readFields(
  fields: readonly Field[],
  controls: readonly Control[],
): { readonly call?: unknown; readonly [name: string]: unknown } {
  const entries = fields.map(({ name, type }, index) => {
    const text = controls[index]?.value ?? ''
    return [name, type === 'number' && text !== '' ? Number(text) : text] as const
  })
  return Object.fromEntries(entries.filter(([, value]) => !leftOut.has(value)))
}

const kindGroup = (side: MenuEntry['side']): HTMLElement =>
  element(
    'optgroup',
    { label: faultWords.sides[side] },
    ...faultMenu.filter((entry) => entry.side === side).map(({ kind }) => option(kind, faultName(kind))),
  )

const kindSelect = (): HTMLSelectElement => select('fault-kind', [kindGroup('delivery'), kindGroup('api')])

function timesSelect(): HTMLSelectElement {
  const counts = repetitions.map((count) => option(String(count), faultWords.timesCount(count)))
  return select('fault-times', [...counts, option('always', faultWords.always)])
}

function offerOrders(target: HTMLSelectElement, refs: readonly OrderRef[]): void {
  const keys = ['', ...refs.map(keyOf)]
  const isSame =
    keys.length === target.options.length && keys.every((key, n) => target.options[n]?.value === key)
  if (isSame) return
  const chosen = target.value
  const texts = [faultWords.everyOrder, ...refs.map(({ outTradeNo }) => outTradeNo)]
  target.replaceChildren(...keys.map((key, index) => option(key, texts[index] ?? '')))
  target.value = keys.indexOf(chosen) < 0 ? '' : chosen
}

/** Makes the form. */
export function createFaultForm(): FaultForm {
  const [kind, target, times] = [kindSelect(), select('fault-target', []), timesSelect()]
  const parameters = element('div', { class: 'region' })
  const sentence = element('p', { class: 'sentence', role: 'status' })
  const submit = element('button', { class: 'primary', 'data-testid': 'fault-add' }, faultWords.add)
  let fields: readonly Field[] = []
  let controls: readonly Control[] = []

  const showKind = (): void => {
    fields = faultMenu.find((entry) => entry.kind === kind.value)?.fields ?? []
    controls = fields.map(controlOf)
    const labels = fields.map(({ name }) => faultWords.fields[name] ?? name)
    parameters.replaceChildren(...controls.map((control, index) => labelled(labels[index] ?? '', control)))
    sentence.textContent = faultWords.kinds[kind.value]?.[1] ?? ''
  }
  const add = (): void => {
    const { call, ...rest } = readFields(fields, controls)
    const order = target.value === '' ? {} : (JSON.parse(target.value) as OrderRef)
    const aim = call === undefined ? order : { ...order, call }
    const count = times.value === 'always' ? 'always' : Number(times.value)
    const body = { kind: kind.value, ...rest, times: count, target: aim }
    dispatchAction({ method: 'POST', path: '/sandbox/faults', body })
  }
  const choices = element(
    'div',
    { class: 'fields' },
    labelled(faultWords.kind, kind),
    labelled(faultWords.target, target),
    labelled(faultWords.times, times),
    parameters,
  )
  const root = element('form', { 'data-testid': 'fault-form' }, choices, sentence, submit)
  root.addEventListener('submit', (event) => {
    event.preventDefault()
    add()
  })
  kind.addEventListener('change', showKind)
  showKind()
  offerOrders(target, [])
  return {
    root,
    offer: (orders) => offerOrders(target, orders),
    aim: (order) => {
      target.value = keyOf(order)
    },
  }
}
