/** One plain sentence in each language, without secrets. */
export interface Sentence {
  readonly en: string
  readonly zh: string
}

/** Why something happened or was refused, for a person: for an operator, who may know every merchant. */
export interface Explanation extends Sentence {
  /** What a merchant is told instead, where the sentence says something of other merchants. */
  readonly forMerchant?: Sentence
}

/** Takes an explanation apart from what only operators may know. */
export function merchantSentence({ forMerchant, ...sentence }: Explanation): Sentence {
  return forMerchant ?? sentence
}
