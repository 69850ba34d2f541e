/** How many of something each key has. */
export interface Counter<K> {
  of(key: K): number
  add(key: K): void
  remove(key: K): void
}

/** No key has any. What has none takes no memory. */
export function createCounter<K>(): Counter<K> {
  const counts = new Map<K, number>()
  const of = (key: K): number => counts.get(key) ?? 0
  return {
    of,
    add: (key) => void counts.set(key, of(key) + 1),
    remove(key) {
      if (of(key) > 1) counts.set(key, of(key) - 1)
      else counts.delete(key)
    },
  }
}
