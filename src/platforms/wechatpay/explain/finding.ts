import type { Explanation } from '../../../domain/explanation.ts'
import type { SealedResource } from '../resource-cipher.ts'

/** What a check found wrong about a message. Texts in it are a stranger's. */
export type Finding =
  /** What is wrong can be said at once; for the others one has to look at what is known here. */
  | { readonly kind: 'plain'; readonly explanation: Explanation }
  /** `skewSeconds`: how far the timestamp is ahead of the clock; negative when it is behind. */
  | { readonly kind: 'stale'; readonly timestamp: string; readonly skewSeconds: number }
  | { readonly kind: 'key-unknown'; readonly serial: string }
  | { readonly kind: 'signature-wrong' }
  /** It cannot be decrypted. */
  | { readonly kind: 'sealed'; readonly resource: SealedResource }
