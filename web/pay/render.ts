import { formatYuan } from '../client/yuan.ts'
import type { Messages } from './messages.ts'
import { canCheckAgain, canPay, countdownMs, type PayState, type Screen, screenOf } from './state.ts'
import type { PayOrder } from './order.ts'

/** Shows a state; cheap enough to be called at every change. */
export type Render = (state: PayState) => void

const SETTLED: ReadonlySet<Screen> = new Set(['paid', 'expired', 'closed', 'invalid'])

/** Binds the markup of `index.html` to the words of one language. */
export function createRender(messages: Messages): Render {
  document.documentElement.lang = messages.language
  write('brand', messages.pageTitle)
  write('foot', messages.foot)
  write('number-label', messages.orderNumber)

  return (state) => {
    const screen = screenOf(state)
    const page = find('page')
    page.dataset['state'] = screen
    page.dataset['connection'] = state.connection
    document.title = `${messages.screens[screen].title} · ${messages.pageTitle}`
    renderStatus(messages, state, screen)
    renderOrder(messages, state, screen)
    renderActions(messages, state)
    renderBanner(messages, state, screen)
  }
}

function renderStatus(messages: Messages, state: PayState, screen: Screen): void {
  write('title', messages.screens[screen].title)
  const problem = state.step.kind === 'failed' && screen === 'failed' ? state.step.problem : null
  const isLate = screen === 'confirming' && canCheckAgain(state)
  const text = isLate ? messages.confirmingLong : messages.screens[screen].text
  write('text', problem === null ? text : messages.problems[problem.kind])
  write('detail', problem === null || problem.code === '' ? '' : `${messages.code} ${problem.code}`)
}

function renderOrder(messages: Messages, state: PayState, screen: Screen): void {
  const { order } = state
  find('order').hidden = order === null
  if (order === null) return
  write('payee', order.merchantName === null ? '' : messages.payTo(order.merchantName))
  write('amount', formatYuan(order.total))
  write('description', order.description)
  write('number', order.outTradeNo)
  const [label, value] = timeOf(messages, order, state)
  write('time-label', label)
  write('time-value', value)
  find('time').hidden = value === '' || screen === 'closed' || screen === 'confirming'
}

function renderActions(messages: Messages, state: PayState): void {
  const screen = screenOf(state)
  const pay = button('pay')
  pay.hidden = !canPay(state) && screen !== 'paying'
  pay.disabled = screen === 'paying'
  pay.textContent = payLabel(messages, screen)
  const check = button('check')
  check.hidden = !canCheckAgain(state)
  check.disabled = state.isChecking
  check.textContent = state.isChecking ? messages.checking : messages.checkAgain
  find('actions').hidden = pay.hidden && check.hidden
}

function payLabel(messages: Messages, screen: Screen): string {
  if (screen === 'paying') return messages.opening
  return screen === 'waiting' ? messages.pay : messages.payAgain
}

function renderBanner(messages: Messages, state: PayState, screen: Screen): void {
  const isNews = state.connection !== 'online' && state.order !== null && !SETTLED.has(screen)
  write('banner', isNews ? messages[state.connection === 'offline' ? 'offline' : 'reconnecting'] : '')
}

function timeOf(
  messages: Messages,
  order: PayOrder,
  state: PayState,
): readonly [label: string, value: string] {
  if (order.status === 'PAID') {
    return [messages.paidAt, order.paidAtMs === null ? '' : formatTime(order.paidAtMs)]
  }
  const leftMs = countdownMs(state)
  return leftMs === null
    ? [messages.payBefore, formatTime(order.expiresAtMs)]
    : [messages.timeLeft, formatCountdown(leftMs)]
}

/** Writes a moment in the phone's own time zone, e.g. `2026-01-31 09:05:00`. */
export function formatTime(timeMs: number): string {
  const at = new Date(timeMs)
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join('-')
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':')}`
}

/** Writes a span of at most an hour as minutes and seconds, e.g. `09:05`. */
export function formatCountdown(spanMs: number): string {
  const seconds = Math.ceil(spanMs / 1000)
  return `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}

/** Only a changed text is written, or screen readers would read it again every second. Empty text hides its element. */
function write(id: string, text: string): void {
  const element = find(id)
  if (element.textContent !== text) element.textContent = text
  element.hidden = text === ''
}

function button(id: string): HTMLButtonElement {
  const element = find(id)
  if (element instanceof HTMLButtonElement) return element
  throw new TypeError(`#${id} is not a button.`)
}

function find(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new TypeError(`The page has no #${id}.`)
  return element
}
