function membersOf(json: unknown): readonly unknown[] {
  return typeof json === 'object' && json !== null ? Object.values<unknown>({ ...json }) : []
}

/**
 * Tells whether JSON has more than `maxLevels` lists and objects in each other. What walks over JSON by calling itself,
 * as comparing and writing do, fails over what is nested too deeply; this goes level by level.
 */
export function isNestedDeeper(json: unknown, maxLevels: number): boolean {
  let level: readonly unknown[] = [json]
  for (let depth = 0; depth <= maxLevels; depth += 1) {
    level = level.flatMap(membersOf)
    if (level.length === 0) return false
  }
  return true
}
