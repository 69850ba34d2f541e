import { chinese } from './fault-words-chinese.ts'
import { english } from './fault-words-english.ts'
import type { FaultWords } from './fault-words-english.ts'
import { language } from './texts.ts'

/** The words of the fault panel, in the browser's language. */
export const faultWords: FaultWords = language() === 'en' ? english : chinese

/** What a kind of fault is called. */
export const faultName = (kind: string): string => faultWords.kinds[kind]?.[0] ?? kind
