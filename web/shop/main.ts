import { formatYuan } from '../client/yuan.ts'
import dahongpao from './art/dahongpao.svg'
import jasmineBag from './art/jasmine-bag.svg'
import longjing from './art/longjing.svg'
import puerCake from './art/puer-cake.svg'
import { buy } from './buy.ts'
import { MAX_QUANTITY, type Tea, TEAS } from './catalogue.ts'
import { createLastOrder } from './last-order.ts'
import { messagesFor } from './messages.ts'

const ART: Readonly<Record<string, string>> = {
  'jasmine-bag': jasmineBag,
  longjing,
  dahongpao,
  'puer-cake': puerCake,
}

const messages = messagesFor(navigator.language)
const lastOrder = createLastOrder(find(document, '#last-order'), messages)

function openShop(): void {
  document.documentElement.lang = messages.language
  document.title = messages.title
  find(document, '#name').textContent = messages.title
  find(document, '#sandbox').textContent = messages.sandbox
  find(document, '#claim').textContent = messages.claim
  find(document, '#lead').textContent = messages.lead
  find(document, '#foot').textContent = messages.foot
  find(document, '#teas').append(...TEAS.map(cardOf))
}

function cardOf(tea: Tea): Node {
  const card = find(document, '#tea', HTMLTemplateElement).content.cloneNode(true) as DocumentFragment
  find(card, '.tea').dataset['testid'] = `tea-${tea.sku}`
  find(card, 'img', HTMLImageElement).src = ART[tea.sku] ?? ''
  find(card, 'h2').textContent = tea.name[messages.words]
  find(card, '.note').textContent = tea.note[messages.words]
  const quantity = bindStepper(card, tea)
  const button = find(card, '.buy', HTMLButtonElement)
  button.textContent = messages.buy
  button.addEventListener('click', () => void order(button, tea, quantity()))
  return card
}

/** Returns how to read the chosen quantity. */
function bindStepper(card: ParentNode, tea: Tea): () => number {
  const [less, more] = [find(card, '.less', HTMLButtonElement), find(card, '.more', HTMLButtonElement)]
  const [output, price] = [find(card, 'output'), find(card, '.price')]
  let quantity = 1
  const choose = (chosen: number): void => {
    quantity = Math.min(MAX_QUANTITY, Math.max(1, chosen))
    output.textContent = String(quantity)
    price.textContent = formatYuan(tea.priceFen * quantity)
    less.disabled = quantity === 1
    more.disabled = quantity === MAX_QUANTITY
  }
  find(card, '.stepper').setAttribute('aria-label', `${messages.quantity}: ${tea.name[messages.words]}`)
  less.setAttribute('aria-label', messages.less)
  more.setAttribute('aria-label', messages.more)
  less.addEventListener('click', () => choose(quantity - 1))
  more.addEventListener('click', () => choose(quantity + 1))
  choose(1)
  return () => quantity
}

async function order(button: HTMLButtonElement, tea: Tea, quantity: number): Promise<void> {
  const problem = find(document, '#problem')
  problem.hidden = true
  button.disabled = true
  button.textContent = messages.buying
  const bought = await buy(tea.sku, quantity)
  button.disabled = false
  button.textContent = messages.buy
  if (bought.kind === 'order') {
    lastOrder.remember(bought.order)
    location.assign(bought.order.payUrl)
    return
  }
  problem.textContent = messages.problems[bought.code] ?? messages.problems['TRY_AGAIN'] ?? ''
  problem.hidden = false
  problem.scrollIntoView({ block: 'nearest' })
}

function find<T extends HTMLElement = HTMLElement>(
  within: ParentNode,
  selector: string,
  kind?: new () => T,
): T {
  const element = within.querySelector(selector)
  if (element instanceof (kind ?? HTMLElement)) return element as T
  throw new TypeError(`The page has no ${selector}.`)
}

openShop()
// Not only when the page is loaded: who comes back from paying may get it from the browser's memory.
window.addEventListener('pageshow', () => lastOrder.show())
