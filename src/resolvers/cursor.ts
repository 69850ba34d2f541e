import { callerError } from './errors.ts'

const MAX_PAGE = 100

/** What a caller asks for of a list. */
export interface PageRequest {
  readonly first: number
  readonly after: string | undefined
}

/** The opaque cursor that stands for an id. */
export function cursorOf({ id }: { readonly id: string }): string {
  return Buffer.from(id).toString('base64url')
}

/** The id that a cursor stands for. @throws BAD_USER_INPUT when it stands for none of this form */
export function idIn(cursor: string, form: RegExp): string {
  const id = Buffer.from(cursor, 'base64url').toString()
  if (form.test(id)) return id
  throw callerError('BAD_USER_INPUT', 'after is not a cursor of this list.')
}

/** @throws BAD_USER_INPUT when a page of this size is not to be had */
export function requirePageSize(first: number): void {
  if (first < 1 || first > MAX_PAGE) throw callerError('BAD_USER_INPUT', `first must be 1 to ${MAX_PAGE}.`)
}

/** One page of a list, read with one row more than was asked for. */
export interface PageSource<T> {
  readonly nodes: readonly T[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** Cuts what was read to what was asked for. */
export function pageOf<T>(rows: readonly T[], { first, after }: PageRequest): PageSource<T> {
  return {
    nodes: rows.slice(0, first),
    hasNextPage: rows.length > first,
    hasPreviousPage: after !== undefined,
  }
}

/** Where a page lies in its list. */
export function pageInfoOf({ nodes, hasNextPage, hasPreviousPage }: PageSource<{ readonly id: string }>) {
  const [first] = nodes
  const last = nodes.at(-1)
  return {
    hasNextPage,
    hasPreviousPage,
    startCursor: first === undefined ? null : cursorOf(first),
    endCursor: last === undefined ? null : cursorOf(last),
  }
}

/** GraphQL knows null and absent; what we look for only knows absent. */
export function withoutNulls<T extends object>(input: T | null | undefined) {
  return Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value !== null)) as {
    readonly [K in keyof T]?: NonNullable<T[K]>
  }
}
