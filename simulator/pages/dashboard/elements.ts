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

/** A button that posts to a path of the sandbox when pressed. */
export function actionButton(
  text: string,
  options: { path: string; testId: string; look: string },
): HTMLElement {
  const { path, testId, look } = options
  const key = `${testId} ${path}`
  const button = element(
    'button',
    { type: 'button', class: look, 'data-testid': testId, 'data-key': key },
    text,
  )
  button.addEventListener('click', () => {
    button.setAttribute('disabled', '')
    document.dispatchEvent(new CustomEvent(actionEvent, { detail: path }))
  })
  return button
}
