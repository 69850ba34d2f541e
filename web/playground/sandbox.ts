import { property, textOf } from '../client/graphql.ts'

/** What a gateway in sandbox mode puts into the page. */
export interface Sandbox {
  /** For the headers editor; empty outside the sandbox. */
  readonly headers: string
  /** One sentence to show below the answers; empty outside the sandbox. */
  readonly note: string
}

/**
 * Reads `<script type="application/json" id="paybell-playground">{ "headers": { … }, "note": "…" }</script>`.
 * @param json the text of that element; null when there is none
 */
export function readSandbox(json: string | null): Sandbox {
  if (json === null) return { headers: '', note: '' }
  const given: unknown = JSON.parse(json)
  const headers = property(given, 'headers')
  return {
    headers: headers === undefined ? '' : JSON.stringify(headers, null, 2),
    note: textOf(given, 'note'),
  }
}
