import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that package.json lies in: code may run from `src/` or from `dist/src/`. */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}
