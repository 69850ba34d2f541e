/** Where the simulator reports what it does; a pino logger fits. Never given secrets, openids or bodies. */
export type Log = {
  readonly info: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
  readonly error: (facts: object, message: string) => void
}

/** A log that keeps quiet. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }

const longestText = 1000
const mostFrames = 20

/**
 * Returns what is logged of an error (the field `err`): type, code, message and call frames. An error of Node's HTTP parser
 * also contains the whole packet, with the signature and the body of a merchant's call.
 */
export function loggedError(err: unknown): object {
  if (!(err instanceof Error)) return { type: typeof err }
  const code: unknown = Reflect.get(err, 'code')
  const frames = (err.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    type: err.constructor.name,
    ...(typeof code === 'string' && { code }),
    message: err.message.slice(0, longestText),
    stack: frames.slice(0, mostFrames).join('\n'),
  }
}
