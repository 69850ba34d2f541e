/** The database did not answer, and the driver did not say so either. Whether a write happened is not known. */
export class DatabaseSilence extends Error {
  override readonly name = 'DatabaseSilence'
}

/** @throws {DatabaseSilence} when `work` is not done after so many milliseconds */
export async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new DatabaseSilence(`The database did not answer within ${limitMs} ms.`))
    }, limitMs)
  })
  try {
    return await Promise.race([work, silence])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The same store, every call of which ends after so many milliseconds. The driver has limits of its own, but a command
 * that it writes to a connection that is being closed at that moment never ends, and would hold up for good whoever
 * waits for it.
 */
export function endingInTime<T extends object>(store: T, limitMs: number): T {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: readonly unknown[]) =>
        inTime(Promise.resolve<unknown>(Reflect.apply(member, target, given)), limitMs)
    },
  })
}
