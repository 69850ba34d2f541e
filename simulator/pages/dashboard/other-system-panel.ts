import { dispatchAction, element } from './elements.ts'
import { input, labelled, option, select } from './form-fields.ts'
import type { Action } from './live.ts'
import type { State } from './model.ts'
import { texts } from './texts.ts'

/** The panel that opens orders as another system of the merchant; made once, brought up to date with each state. */
export type OtherSystemPanel = { readonly root: HTMLElement; readonly update: (state: State) => void }

const minuteMs = 60_000

/** Opens an order, and then pays it at a moment in the past if there is one. */
function openOrder(
  order: { readonly mchId: string; readonly outTradeNo: string; readonly total: number },
  minutesAgo: number | undefined,
): Action {
  const { mchId, outTradeNo, total } = order
  const path = '/sandbox/orders'
  const open = {
    method: 'POST',
    path,
    body: { mchid: mchId, out_trade_no: outTradeNo, amount: { total } },
  } as const
  if (minutesAgo === undefined) return open
  const body = { paidAt: new Date(Date.now() - minutesAgo * minuteMs).toISOString() }
  const paid = `${path}/${encodeURIComponent(mchId)}/${encodeURIComponent(outTradeNo)}/pay`
  return { ...open, next: { method: 'POST', path: paid, body } }
}

/** Makes the panel. */
export function createOtherSystemPanel(): OtherSystemPanel {
  const merchant = select('other-merchant', [])
  const number = input('other-number', 'text', { start: '' })
  const total = input('other-total', 'number', { start: '1' })
  const minutes = input('other-paid', 'number', { placeholder: texts.otherUnpaid })
  minutes.min = '0'
  const form = element(
    'form',
    {},
    element(
      'div',
      { class: 'fields' },
      labelled(texts.merchants, merchant),
      labelled('out_trade_no', number),
      labelled(texts.otherTotal, total),
      labelled(texts.otherPaid, minutes),
    ),
    element('button', { class: 'primary', 'data-testid': 'other-open' }, texts.otherOpen),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const order = { mchId: merchant.value, outTradeNo: number.value, total: Number(total.value) }
    dispatchAction(openOrder(order, minutes.value === '' ? undefined : Number(minutes.value)))
  })
  const root = element(
    'details',
    { class: 'card faults', 'data-testid': 'other-system' },
    element('summary', {}, element('h2', {}, texts.otherTitle)),
    element('p', { class: 'lead' }, texts.otherLead),
    form,
  )
  const update = ({ merchants }: State): void => {
    if (merchant.options.length === merchants.length) return
    merchant.replaceChildren(...merchants.map(({ mchId, name }) => option(mchId, `${name} · ${mchId}`)))
  }
  return { root, update }
}
