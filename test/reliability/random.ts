/** Numbers from 0 to 1 that follow from the seed alone (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The same items in an order that the numbers decide. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const keyed = items.map((item) => ({ item, key: random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}

/** The item that a number from 0 to 1 falls on. */
export function pick<T>(items: readonly T[], draw: number): T {
  const item = items[Math.floor(draw * items.length)]
  if (item === undefined) throw new RangeError('There is nothing to pick from.')
  return item
}

/** The whole number from `low` to `high` that a number from 0 to 1 falls on. */
export function between(low: number, high: number, draw: number): number {
  return low + Math.floor(draw * (high - low + 1))
}
