import { style } from './style.ts'
import { language } from './texts.ts'

/** A dialog over the page. */
export type Layer = {
  readonly find: (selector: string) => HTMLElement
  readonly close: () => void
}

function keepFocusInside(event: KeyboardEvent, root: ShadowRoot): void {
  const buttons = [...root.querySelectorAll<HTMLButtonElement>('button:not([disabled])')]
  const edge = event.shiftKey ? buttons[0] : buttons[buttons.length - 1]
  const target = event.shiftKey ? buttons[buttons.length - 1] : buttons[0]
  if (root.activeElement !== edge && root.activeElement !== null) return
  event.preventDefault()
  target?.focus()
}

/**
 * Puts a dialog over the page, in a shadow tree that the page's styles do not reach. The keyboard stays inside it,
 * Escape calls `onEscape`, and closing gives the focus back. `markup` is fixed text: what differs is set afterwards.
 */
export function openLayer(markup: string, onEscape: () => void): Layer {
  const before = document.activeElement
  const host = document.createElement('div')
  host.lang = language()
  const root = host.attachShadow({ mode: 'open' })
  root.innerHTML = `<style>${style}</style>${markup}`
  host.addEventListener('keydown', (event) => {
    event.stopPropagation()
    if (event.key === 'Escape') onEscape()
    if (event.key === 'Tab') keepFocusInside(event, root)
  })
  document.body.append(host)
  const find = (selector: string): HTMLElement => {
    const element = root.querySelector<HTMLElement>(selector)
    if (!element) throw new Error(`the layer has no ${selector}`)
    return element
  }
  const close = (): void => {
    host.remove()
    if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  }
  return { find, close }
}
