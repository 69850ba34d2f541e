/** How many of something each key has. */
export interface Counter<K> {
  of(key: K): number
  add(key: K, amount?: number): void
  remove(key: K, amount?: number): void
}

/** No key has any. What has none takes no memory. */
export function createCounter<K>(): Counter<K> {
  const counts = new Map<K, number>()
  const of = (key: K): number => counts.get(key) ?? 0
  return {
    of,
    add: (key, amount = 1) => void counts.set(key, of(key) + amount),
    remove(key, amount = 1) {
      const left = of(key) - amount
      if (left > 0) counts.set(key, left)
      else counts.delete(key)
    },
  }
}
