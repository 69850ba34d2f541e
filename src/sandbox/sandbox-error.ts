/** The sandbox cannot be had. The message is a sentence for the person who started it. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError'
}
