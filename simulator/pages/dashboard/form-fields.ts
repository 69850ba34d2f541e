import { element } from './elements.ts'

/** What one types or chooses in. */
export type Control = HTMLInputElement | HTMLSelectElement

/** One choice of a list. */
export const option = (value: string, text: string): HTMLElement => element('option', { value }, text)

/** A list to choose from. */
export function select(id: string, options: readonly HTMLElement[]): HTMLSelectElement {
  const made = document.createElement('select')
  made.id = id
  made.append(...options)
  return made
}

/** A field to type in; `start` is what it says at first, and makes it a field that may not be empty. */
export function input(
  id: string,
  type: 'text' | 'number',
  words: { readonly start?: string; readonly placeholder?: string },
): HTMLInputElement {
  const made = document.createElement('input')
  made.id = id
  made.type = type
  made.required = words.start !== undefined
  made.value = words.start ?? ''
  made.placeholder = words.placeholder ?? ''
  return made
}

/** A control under its name. */
export const labelled = (text: string, control: Control): HTMLElement =>
  element('div', { class: 'field' }, element('label', { for: control.id }, text), control)
