import type { Bill } from './counter.ts'
import { openLayer } from './layer.ts'
import { texts } from './texts.ts'

/** The cashier while it is open. */
export type Sheet = {
  readonly choice: Promise<'pay' | 'cancel'>
  /** After the choice to pay: nothing can be pressed any more. */
  readonly setBusy: () => void
  readonly close: () => void
}

const cross =
  '<svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="M4 4l12 12M16 4L4 16"/></svg>'

const sheetMarkup = `<div class="veil"><section class="sheet" role="dialog" aria-modal="true" aria-labelledby="title" data-testid="cashier-sheet">
<header><button type="button" class="close" data-testid="cashier-cancel">${cross}</button><h2 id="title"></h2><span></span></header>
<p class="payee"></p><p class="amount"><small>¥</small><b></b></p>
<dl><div><dt id="to"></dt><dd id="description"></dd></div><div><dt id="method"></dt><dd id="method-name"></dd></div></dl>
<button type="button" class="pay" data-testid="cashier-pay"></button><p class="note"></p></section></div>`

const boxMarkup = `<div class="veil centred"><div class="box" role="alertdialog" aria-modal="true" aria-labelledby="reason" data-testid="cashier-error">
<p id="reason"></p><button type="button" data-testid="cashier-error-ok"></button></div></div>`

/** Fen as yuan with two decimals, without the sign. */
const toYuan = (fen: number): string => {
  const digits = String(fen).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Shows a bill and waits for the payer. */
export function showSheet(bill: Bill): Sheet {
  const words = texts()
  let choose: ((choice: 'pay' | 'cancel') => void) | undefined
  const choice = new Promise<'pay' | 'cancel'>((resolve) => {
    choose = resolve
  })
  const layer = openLayer(sheetMarkup, () => choose?.('cancel'))
  const write = (selector: string, text: string): void => {
    layer.find(selector).textContent = text
  }
  write('h2', words.title)
  write('.payee', `${words.payTo} ${bill.merchantName}`)
  write('.amount b', toYuan(bill.total))
  write('#to', words.order)
  write('#description', bill.description)
  write('#method', words.method)
  write('#method-name', words.methodName)
  write('.pay', words.pay)
  write('.note', words.simulated)
  const payButton = layer.find('.pay')
  const cancelButton = layer.find('.close')
  cancelButton.setAttribute('aria-label', words.cancel)
  payButton.addEventListener('click', () => choose?.('pay'))
  cancelButton.addEventListener('click', () => choose?.('cancel'))
  payButton.focus()
  const setBusy = (): void => {
    payButton.setAttribute('disabled', '')
    cancelButton.setAttribute('disabled', '')
    payButton.textContent = words.paying
  }
  return { choice, setBusy, close: layer.close }
}

/** Shows a sentence until it is acknowledged. */
export function showMessage(sentence: string): void {
  const layer = openLayer(boxMarkup, () => layer.close())
  layer.find('#reason').textContent = sentence
  const button = layer.find('button')
  button.textContent = texts().ok
  button.addEventListener('click', layer.close)
  button.focus()
}
