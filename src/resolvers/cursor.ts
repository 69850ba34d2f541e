import type { Listed } from '../models/listing.ts'
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
  /** Where the next page begins when that is not behind the last node: the search of this page was ended by its bound. */
  readonly examinedTo: string | undefined
}

/** Cuts what was read to what was asked for. */
export function pageOf<T>({ rows, examinedTo }: Listed<T>, { first, after }: PageRequest): PageSource<T> {
  const isCut = rows.length > first
  return {
    nodes: rows.slice(0, first),
    hasNextPage: isCut || examinedTo !== undefined,
    hasPreviousPage: after !== undefined,
    examinedTo: isCut ? undefined : examinedTo,
  }
}

/** Where a page lies in its list. */
export function pageInfoOf(page: PageSource<{ readonly id: string }>) {
  const { nodes, hasNextPage, hasPreviousPage, examinedTo } = page
  const [first] = nodes
  const last = examinedTo === undefined ? nodes.at(-1) : { id: examinedTo }
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
