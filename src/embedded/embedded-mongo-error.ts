/** What an operator can do when the embedded database is out of reach; ends every such sentence. */
export const MONGODB_URI_ADVICE = 'set MONGODB_URI to a MongoDB of your own'

/**
 * The embedded MongoDB cannot be had. The message is one sentence that says why and what to do about it, fit to be
 * shown to the operator without a stack.
 */
export class EmbeddedMongoError extends Error {
  override readonly name = 'EmbeddedMongoError'
}

/** The message of whatever was thrown, on one line. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s+/g, ' ').trim()
}
