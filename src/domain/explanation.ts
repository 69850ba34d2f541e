/** Why something happened or was refused, for a person: one plain sentence in each language, without secrets. */
export interface Explanation {
  readonly en: string
  readonly zh: string
}
