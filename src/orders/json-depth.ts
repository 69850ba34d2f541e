function membersOf(json: unknown): readonly unknown[] {
  return typeof json === 'object' && json !== null ? Object.values<unknown>({ ...json }) : []
}

/**
 * Returns whether JSON nests more than `maxLevels` lists and objects. It works level by level, because recursive functions,
 * such as comparison and serialisation, overflow the stack on deep JSON.
 */
export function isNestedDeeper(json: unknown, maxLevels: number): boolean {
  let level: readonly unknown[] = [json]
  for (let depth = 0; depth <= maxLevels; depth += 1) {
    level = level.flatMap(membersOf)
    if (level.length === 0) return false
  }
  return true
}
