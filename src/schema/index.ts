import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The public schema: every `.graphql` file of this folder. The build puts copies beside the compiled code. */
export const typeDefs: readonly string[] = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
