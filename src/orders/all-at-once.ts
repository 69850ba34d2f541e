/** What came of several pieces of work that were done at the same time. */
export interface Outcomes<T> {
  /** The results of those that succeeded, in the order in which they were given. */
  readonly results: readonly T[]
  /** Why the first of those that failed did; undefined when none did. */
  readonly failure: { readonly reason: unknown } | undefined
}

/** Waits for all of them, so that none is still under way when what one of them said is acted upon. */
export async function allAtOnce<T>(work: readonly Promise<T>[]): Promise<Outcomes<T>> {
  const settled = await Promise.allSettled(work)
  return {
    results: settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    failure: settled.find((outcome) => outcome.status === 'rejected'),
  }
}
