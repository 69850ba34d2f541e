import type { Action } from './live.ts'
import { actionEvent } from './live.ts'

type Child = Node | string | undefined
type Attributes = Readonly<Record<string, string>>

/** Makes an element; text goes in as text, never as markup. */
export function element(tag: string, attributes: Attributes, ...children: readonly Child[]): HTMLElement {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** A small coloured word. */
export const badge = (tone: 'good' | 'wait' | 'bad' | 'quiet', text: string): HTMLElement =>
  element('span', { class: `badge ${tone}` }, text)

/** A list of terms with what they mean; empty ones are left out. */
export const facts = (entries: readonly (readonly [string, string | undefined])[]): HTMLElement =>
  element(
    'dl',
    { class: 'facts' },
    ...entries
      .filter(([, value]) => value !== undefined)
      .map(([term, value]) => element('div', {}, element('dt', {}, term), element('dd', {}, value))),
  )

/** Asks the simulator to do something. */
export const dispatchAction = (action: Action): void => {
  document.dispatchEvent(new CustomEvent(actionEvent, { detail: action }))
}

/** Somebody wants a fault for an order: its `mchId` and `outTradeNo`. */
export const aimEvent = 'simulator-aim'

/** A button that stands out from others of its kind by `key`, so that the keyboard finds it again. */
export function button(
  text: string,
  options: { readonly testId: string; readonly key: string; readonly look: string },
  press: (pressed: HTMLElement) => void,
): HTMLElement {
  const { testId, key, look } = options
  const attributes = { type: 'button', class: look, 'data-testid': testId, 'data-key': `${testId} ${key}` }
  const made = element('button', attributes, text)
  made.addEventListener('click', () => press(made))
  return made
}

/** A button that asks the simulator to do something when pressed, once. */
export const actionButton = (
  text: string,
  { action, ...rest }: { readonly action: Action; readonly testId: string; readonly look: string },
): HTMLElement =>
  button(text, { ...rest, key: action.path }, (pressed) => {
    pressed.setAttribute('disabled', '')
    dispatchAction(action)
  })
