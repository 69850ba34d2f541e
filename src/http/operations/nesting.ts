/** Levels of lists and objects that are written as JSON: far more than anything sensible has. */
const MAX_LEVELS = 100

/**
 * Whether a value is nested so deeply that it is not to be written as JSON, which recurses. This check does not:
 * an anonymous caller may have sent the value.
 */
export function isNestedTooDeeply(value: unknown): boolean {
  let layer: readonly unknown[] = [value]
  for (let level = 0; layer.length > 0; level += 1) {
    const containers = layer.filter((item) => typeof item === 'object' && item !== null)
    if (containers.length > 0 && level >= MAX_LEVELS) return true
    layer = containers.flatMap((item): unknown[] => Object.values(item))
  }
  return false
}
