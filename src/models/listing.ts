import type { Model } from 'mongoose'
import { COMMITTED } from './read-concern.ts'

/**
 * A list of documents, newest first. Their ids begin with the time, so `_id` is the order of every list, and every index
 * for lists ends with it. What a list can be filtered by is kept in each document as `facets`: short texts such as
 * `status:PAID`, in one index, so that a filter more costs no index more.
 */
export interface ListFilter {
  readonly merchantId?: string | undefined
  /** Where documents name their order: few do, so that the rest of the filter is looked at in each. */
  readonly orderId?: string | undefined
  /** One of each group must be among a document's facets. The rarest group first: it is the one that the index answers. */
  readonly facets: readonly (readonly string[])[]
  /** Further conditions on single fields, for what the index bounds but for a few documents, e.g. a moment in a second. */
  readonly exact?: Readonly<Record<string, unknown>>
  readonly idFrom?: string | undefined
  readonly idBefore?: string | undefined
}

interface Identified {
  readonly _id: string
}

/** Rows of a list, and how far it was looked through. */
export interface Listed<T> {
  readonly rows: readonly T[]
  /**
   * The id of the last document that was examined, when the bound on examined documents ended the search: the list goes on
   * behind it. Undefined when the rows are all that were asked for, or all that there are.
   */
  readonly examinedTo?: string | undefined
}

/** The indexes that every collection with lists has. */
export const LIST_INDEXES = [
  { key: { merchantId: 1, _id: -1 } },
  { key: { merchantId: 1, facets: 1, _id: -1 } },
  { key: { facets: 1, _id: -1 } },
] as const

/** Documents that are fetched to fill one page when an index cannot answer the whole filter. */
export const MAX_EXAMINED = 2000

/** Documents that are counted; of more, this number is given. */
export const MAX_COUNTED = 10_000

const NEWEST_FIRST = { _id: -1 } as const

interface Plan {
  /** What the index answers. */
  readonly indexed: Record<string, unknown>
  /** What is left to look at in each document; undefined when nothing is. */
  readonly residual: Record<string, unknown> | undefined
  readonly hint: Record<string, 1 | -1>
}

function anyOf(facets: readonly string[]): unknown {
  const [only] = facets
  return facets.length === 1 ? only : { $in: [...facets] }
}

function idRange({ idFrom, idBefore }: ListFilter): Record<string, unknown> {
  if (idFrom === undefined && idBefore === undefined) return {}
  return {
    _id: { ...(idFrom !== undefined && { $gte: idFrom }), ...(idBefore !== undefined && { $lt: idBefore }) },
  }
}

function planByOrder(filter: ListFilter): Plan {
  const { merchantId, orderId, facets } = filter
  const residual = [
    ...(merchantId === undefined ? [] : [{ merchantId }]),
    ...facets.map((group) => ({ facets: anyOf(group) })),
  ]
  return {
    indexed: { orderId, ...idRange(filter) },
    residual: residual.length === 0 ? undefined : { $and: residual },
    hint: { orderId: 1, _id: -1 },
  }
}

function planByFacet(filter: ListFilter): Plan {
  const { merchantId, facets, exact } = filter
  const [first, ...others] = facets
  const equal = {
    ...(merchantId !== undefined && { merchantId }),
    ...(first !== undefined && { facets: anyOf(first) }),
  }
  const fields = Object.keys(equal)
  return {
    indexed: { ...equal, ...idRange(filter), ...exact },
    residual: others.length === 0 ? undefined : { $and: others.map((group) => ({ facets: anyOf(group) })) },
    hint: {
      ...Object.fromEntries(fields.map((field) => [field, 1 as const])),
      _id: fields.length === 0 ? 1 : -1,
    },
  }
}

/** Undefined when no document can pass. The index is named, so that the server has no plans to try out. */
function planOf(filter: ListFilter): Plan | undefined {
  if (filter.facets.some((group) => group.length === 0)) return undefined
  return filter.orderId === undefined ? planByFacet(filter) : planByOrder(filter)
}

/** The id behind which the search ended, when `MAX_EXAMINED` documents were not all of them. */
async function lastExamined<T>(model: Model<T>, { indexed, hint }: Plan): Promise<string | undefined> {
  const last = await model
    .findOne(indexed, { _id: 1 })
    .sort(NEWEST_FIRST)
    .skip(MAX_EXAMINED - 1)
    .hint(hint)
    .readConcern(COMMITTED)
    .lean<{ readonly _id: string } | null>()
  return last?._id
}

/**
 * The newest documents that pass the filter, at most `first`. Of a filter that an index cannot answer as a whole, at most
 * `MAX_EXAMINED` documents are looked at: then there may be fewer rows than there are, and `examinedTo` says where to go on.
 * Lists and counts are read as the majority has them, see `ReadConcern`.
 */
export async function listNewest<T extends Identified>(
  model: Model<T>,
  filter: ListFilter,
  first: number,
): Promise<Listed<T>> {
  const plan = planOf(filter)
  if (plan === undefined) return { rows: [] }
  const { indexed, residual, hint } = plan
  if (residual === undefined) {
    const found = model.find(indexed).sort(NEWEST_FIRST).limit(first).hint(hint)
    return { rows: await found.readConcern(COMMITTED).lean<T[]>() }
  }
  const examined = [{ $match: indexed }, { $sort: NEWEST_FIRST }, { $limit: MAX_EXAMINED }]
  const rows = await model
    .aggregate<T>([...examined, { $match: residual }, { $limit: first }])
    .hint(hint)
    .readConcern(COMMITTED)
  const examinedTo = rows.length === first ? undefined : await lastExamined(model, plan)
  // Documents that were added between the two reads moved the end; what lies behind it comes with the next page.
  return examinedTo === undefined
    ? { rows }
    : { rows: rows.filter(({ _id }) => _id >= examinedTo), examinedTo }
}

/** How many documents pass the filter among the newest `MAX_COUNTED` that the index gives. */
export async function countNewest<T>(model: Model<T>, filter: ListFilter): Promise<number> {
  const plan = planOf(filter)
  if (plan === undefined) return 0
  const { indexed, residual, hint } = plan
  const counted = await model
    .aggregate<{ readonly n: number }>([
      { $match: indexed },
      { $sort: NEWEST_FIRST },
      { $limit: MAX_COUNTED },
      ...(residual === undefined ? [] : [{ $match: residual }]),
      { $count: 'n' },
    ])
    .hint(hint)
    .readConcern(COMMITTED)
  return counted[0]?.n ?? 0
}
