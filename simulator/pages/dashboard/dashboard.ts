import { badge, element, facts } from './elements.ts'
import { createFaultPanel } from './fault-panel.ts'
import type { State, View } from './model.ts'
import { orderCard } from './order-card.ts'
import { createOtherSystemPanel } from './other-system-panel.ts'
import { texts } from './texts.ts'

function header(view: View): HTMLElement {
  const title = element('h1', {}, texts.title)
  const words = element('div', {}, title, element('p', {}, texts.tagline))
  const logo = element('span', { class: 'logo', 'aria-hidden': 'true' }, '✓')
  const offline = view.state ? texts.offline : texts.connecting
  const status = view.isLive ? badge('good', texts.live) : badge('wait', offline)
  status.setAttribute('role', 'status')
  return element('header', {}, logo, words, status)
}

function platformCard({ platform, merchants }: State): HTMLElement {
  const pace = platform.timeFactor === 1 ? texts.realPace : `× ${platform.timeFactor}`
  const keyId = platform.signWith === 'certificate' ? platform.certificateSerial : platform.publicKeyId
  const names = merchants.map(({ name, mchId, appIds }) => `${name} · ${mchId} · ${appIds.join(', ')}`)
  return element(
    'section',
    { class: 'card', 'aria-label': texts.title },
    facts([
      [texts.address, location.origin],
      [texts.merchants, names.join('\n')],
      [texts.signWith, texts[platform.signWith]],
      [texts.keyId, keyId],
      [texts.pace, pace],
    ]),
  )
}

function emptyCard(): HTMLElement {
  const steps = texts.emptySteps.map((step) => element('li', {}, step))
  const script = `<script src="${location.origin}/client/weixin-js-bridge.js"></script>`
  return element(
    'section',
    { class: 'card empty', 'data-testid': 'empty' },
    element('h2', {}, texts.emptyTitle),
    element('p', {}, texts.emptyLead),
    element('ol', {}, ...steps),
    element('pre', {}, script),
  )
}

function orderList(state: State): HTMLElement {
  const shown = state.orders.length
  const count = shown < state.orderCount ? texts.newest(shown, state.orderCount) : String(shown)
  const heading = element('h2', {}, texts.orders, element('small', {}, count))
  const cards = state.orders.map((order) =>
    orderCard(
      order,
      state.notifications.filter(
        ({ mchId, outTradeNo }) => mchId === order.mchId && outTradeNo === order.outTradeNo,
      ),
    ),
  )
  return element('main', {}, heading, ...cards)
}

/** Draws the parts that change; none of them is where one types. */
function draw(regions: Readonly<Record<'top' | 'orders', HTMLElement>>, { state, ...view }: View): void {
  const top = [header({ state, ...view })]
  if (view.problem !== undefined) top.push(element('p', { class: 'problem', role: 'alert' }, view.problem))
  if (state) top.push(platformCard(state))
  regions.top.replaceChildren(...top)
  if (state) regions.orders.replaceChildren(state.orderCount > 0 ? orderList(state) : emptyCard())
}

const region = (): HTMLElement => element('div', { class: 'region' })

/**
 * Makes the page, and what draws it again with each view. The keyboard goes back to the button that had it; the forms
 * are never drawn again.
 */
export function createDashboard(app: Element): (view: View) => void {
  const regions = { top: region(), orders: region() }
  const panels = [createFaultPanel(), createOtherSystemPanel()]
  app.replaceChildren(regions.top, regions.orders)
  return (view) => {
    const focused = document.activeElement?.getAttribute('data-key')
    draw(regions, view)
    if (view.state) {
      for (const { root, update } of panels) {
        update(view.state)
        if (!root.isConnected) regions.orders.before(root)
      }
    }
    if (focused === undefined || focused === null) return
    app.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
  }
}
