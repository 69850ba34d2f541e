import { actionButton, aimEvent, badge, element } from './elements.ts'
import { createFaultForm } from './fault-form.ts'
import type { OrderRef } from './fault-form.ts'
import { faultMenu } from './fault-menu.ts'
import { faultName, faultWords } from './fault-words.ts'
import type { ActiveFault, State } from './model.ts'

/** The panel for faults; made once, brought up to date with each state. */
export type FaultPanel = { readonly root: HTMLElement; readonly update: (state: State) => void }

const wordFor = (value: unknown): string =>
  typeof value === 'string' ? (faultWords.choices[value] ?? value) : String(value)

/** The parameters and the target, in words. */
function detailsOf(fault: ActiveFault): readonly string[] {
  const { target = {} } = fault
  const fields = faultMenu.find(({ kind }) => kind === fault.kind)?.fields ?? []
  const values = fields
    .map(({ name }) => [name, fault[name] ?? (name === 'call' ? target.call : undefined)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => faultWords.fact(faultWords.fields[name] ?? name, wordFor(value)))
  const held = fault.underWay > 0 ? [faultWords.underWay(fault.underWay)] : []
  const aim = target.outTradeNo ?? target.mchId ?? faultWords.everyOrder
  return [
    faultWords.fact(faultWords.target, aim),
    ...values,
    faultWords.used(fault.hits, fault.times),
    ...held,
  ]
}

function faultRow(fault: ActiveFault): HTMLElement {
  const path = `/sandbox/faults/${encodeURIComponent(fault.id)}`
  const name = element('h4', {}, faultName(fault.kind))
  return element(
    'li',
    { 'data-testid': fault.id },
    element('div', { class: 'name' }, name, element('p', {}, detailsOf(fault).join(' · '))),
    actionButton(faultWords.remove, {
      action: { method: 'DELETE', path },
      testId: 'fault-remove',
      look: 'secondary',
    }),
  )
}

/** Makes the panel; a press on an order's fault button opens it with that order as the target. */
export function createFaultPanel(): FaultPanel {
  const form = createFaultForm()
  const status = element('span', { class: 'status' })
  const list = element('ul', { class: 'active-faults' })
  const summary = element('summary', {}, element('h2', {}, faultWords.title), status)
  const lead = element('p', { class: 'lead' }, faultWords.lead)
  const root = element(
    'details',
    { class: 'card faults', 'data-testid': 'faults' },
    summary,
    lead,
    form.root,
    list,
  )
  document.addEventListener(aimEvent, (event) => {
    const { detail } = event as CustomEvent<OrderRef>
    form.aim(detail)
    root.setAttribute('open', '')
    root.scrollIntoView({ block: 'start' })
    root.querySelector('select')?.focus({ preventScroll: true })
  })
  const update = ({ faults, orders }: State): void => {
    form.offer(orders)
    status.replaceChildren(...(faults.length > 0 ? [badge('wait', faultWords.active(faults.length))] : []))
    const rows = faults.map(faultRow)
    list.replaceChildren(...(rows.length > 0 ? rows : [element('li', { class: 'none' }, faultWords.none)]))
  }
  return { root, update }
}
