import {
  getNullableType,
  isListType,
  OperationTypeNode,
  valueFromASTUntyped,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { foldSelections, type SelectedField, type Summary } from './fold-selections.ts'

/** What an operation can cost. */
export interface OperationCost {
  /** About how many values the answer can have, and what it takes to read them. */
  readonly cost: number
  /** Root fields, each of which reads something. */
  readonly fields: number
  /** Lists and counts that are read from the database. */
  readonly lists: number
}

/** Values of coerced variables, by name. */
export type Variables = Readonly<Record<string, unknown>>

interface Parts extends OperationCost {
  /** The cost of each item of the page that the selection is made on. */
  readonly costPerItem: number
}

/** What `Query.orders` and `Query.notifications` allow. */
const MAX_PAGE = 100
const DEFAULT_PAGE = 20

/** Lists inside an order (events, attempts, anomalies) have no size of their own: the assumed number of items. */
const ASSUMED_ITEMS = 5

/**
 * In values, each of which takes about 2 µs: reading one thing or a page from the database, each item of a page, and
 * counting all pages together. A mutation writes, and may call a platform.
 */
const READ_COST = 50
const ITEM_COST = 10
const COUNT_COST = 200
const WRITE_COST = 100

const NOTHING: Parts = { fields: 0, cost: 0, lists: 0, costPerItem: 0 }
const FIELD: Parts = { ...NOTHING, fields: 1 }

function together(parts: readonly Parts[]): Parts {
  return parts.reduce(
    (sum, part) => ({
      fields: sum.fields + part.fields,
      cost: sum.cost + part.cost,
      lists: sum.lists + part.lists,
      costPerItem: sum.costPerItem + part.costPerItem,
    }),
    NOTHING,
  )
}

function isPaged({ definition }: SelectedField): boolean {
  return definition?.args.some(({ name }) => name === 'first') === true
}

/** Items of a page: what `first` asks for. A value that is out of range is refused later, and counts as the largest. */
function pageSize({ node, definition }: SelectedField, variables: Variables): number {
  const given = node.arguments?.find(({ name }) => name.value === 'first')?.value
  const preset = definition?.args.find(({ name }) => name === 'first')?.defaultValue
  const asked = given && valueFromASTUntyped(given, variables)
  const size = Number(asked ?? preset ?? DEFAULT_PAGE)
  return size >= 0 && size <= MAX_PAGE ? size : MAX_PAGE
}

/** The order of a notification is read for each notification. */
function isRead({ parent, node }: SelectedField): boolean {
  return parent?.name === 'Notification' && node.name.value === 'order'
}

/** Generated documents ask for it everywhere. Without an alias an object has it once, however often it is selected. */
function isFree({ node }: SelectedField): boolean {
  return node.name.value === '__typename' && node.alias === undefined
}

function costs(variables: Variables): Summary<Parts> {
  return {
    together,
    field(field, inside) {
      const { lists } = inside
      if (isFree(field)) return NOTHING
      if (field.node.name.value === 'totalCount') return { ...FIELD, cost: COUNT_COST, lists: 1 }
      if (isPaged(field)) {
        const page = inside.cost + pageSize(field, variables) * inside.costPerItem
        return { ...FIELD, cost: READ_COST + page, lists: lists + 1 }
      }
      const one = 1 + inside.cost + MAX_PAGE * inside.costPerItem + (isRead(field) ? ITEM_COST : 0)
      const type = field.definition && getNullableType(field.definition.type)
      if (!isListType(type)) return { ...FIELD, cost: one, lists }
      // How many items a connection has is known where it is asked for.
      if (field.parent?.name.endsWith('Connection')) return { ...FIELD, lists, costPerItem: ITEM_COST + one }
      return { ...FIELD, cost: ASSUMED_ITEMS * one, lists: ASSUMED_ITEMS * lists }
    },
  }
}

/** An upper estimate of what an operation of a valid document costs with these variables. */
export function costOf(
  source: { readonly schema: GraphQLSchema; readonly document: DocumentNode },
  operation: OperationDefinitionNode,
  variables: Variables,
): OperationCost {
  const { fields, cost, lists } = foldSelections(source, costs(variables))(operation)
  const base = operation.operation === OperationTypeNode.MUTATION ? WRITE_COST : READ_COST
  return { fields, cost: cost + base * fields, lists }
}
