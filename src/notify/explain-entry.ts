import type { Explanation, Sentence } from '../domain/explanation.ts'
import type { StoredNotification } from '../models/notification.ts'

/** Adds a clause to a sentence, in both languages. */
function extended({ en, zh }: Sentence, more: Sentence): Sentence {
  return { en: `${en.replace(/\.$/, '')}; ${more.en}.`, zh: `${zh.replace(/。$/, '')}；${more.zh}。` }
}

/**
 * One sentence about what an entry did. Deliveries that came after it had its effect changed nothing, so of an entry with
 * several the sentence says that, too.
 */
export function explainEntry({
  outcome,
  attempts,
  explanation,
}: Pick<StoredNotification, 'outcome' | 'attempts' | 'explanation'>): Explanation {
  const hadEffect = outcome === 'APPLIED' || outcome === 'DUPLICATE'
  if (!hadEffect || attempts === 1) return explanation
  const more =
    outcome === 'APPLIED'
      ? {
          en: `it was delivered ${attempts} times and applied once`,
          zh: `共投递 ${attempts} 次，只应用了一次`,
        }
      : { en: `it was delivered ${attempts} times`, zh: `共投递 ${attempts} 次` }
  const { forMerchant, ...sentence } = explanation
  return {
    ...extended(sentence, more),
    ...(forMerchant !== undefined && { forMerchant: extended(forMerchant, more) }),
  }
}
