import { GraphQLError, Kind, type ASTNode, type DocumentNode, type GraphQLSchema } from 'graphql'
import type { OperationDefinitionNode } from 'graphql'
import type { OperationLimits } from '../../operations/operation-limits.ts'
import { foldSelections, type SelectedField, type Summary } from './fold-selections.ts'

/** What the bounds say about a document. */
export interface DocumentShape {
  /** Empty when the document is within the bounds. */
  readonly mistakes: readonly GraphQLError[]
  /** The operations that ask for nothing but `__schema`, `__type` and `__typename`. */
  readonly introspection: ReadonlySet<OperationDefinitionNode>
}

interface Shape {
  readonly depth: number
  readonly fields: number
  readonly isIntrospection: boolean
  /** Lists of the schema inside one another. */
  readonly nestedLists: number
}

/** Each of these lists has the size of the schema, and leads to types that have the same lists. */
const SCHEMA_LISTS = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes'])

const INTROSPECTION = new Set(['__schema', '__type', '__typename'])

function isOfSchema({ node, parent }: SelectedField): boolean {
  return ['__schema', '__type'].includes(node.name.value) || parent?.name.startsWith('__') === true
}

function together(parts: readonly Shape[]): Shape {
  return {
    depth: Math.max(0, ...parts.map(({ depth }) => depth)),
    fields: parts.reduce((sum, { fields }) => sum + fields, 0),
    isIntrospection: parts.every(({ isIntrospection }) => isIntrospection),
    nestedLists: Math.max(0, ...parts.map(({ nestedLists }) => nestedLists)),
  }
}

/** An introspection with aliases could have the size of the schema once for each alias, without a key. */
function shapes(report: (message: string, node: ASTNode) => void): Summary<Shape> {
  return {
    together,
    field(field, inside) {
      const { node } = field
      const name = node.name.value
      const isSchema = isOfSchema(field)
      if (isSchema && node.alias !== undefined) {
        report(`Introspection is answered without aliases; ${node.alias.value} is one.`, node)
      }
      return {
        depth: isSchema ? 0 : 1 + inside.depth,
        fields: 1,
        isIntrospection: INTROSPECTION.has(name),
        nestedLists: inside.nestedLists + (isSchema && SCHEMA_LISTS.has(name) ? 1 : 0),
      }
    },
  }
}

/** Looks at a document that was parsed, before it is validated. The time is linear in its length. */
export function shapeOf(
  document: DocumentNode,
  schema: GraphQLSchema,
  limits: Pick<OperationLimits, 'depth' | 'rootFields'>,
): DocumentShape {
  const mistakes: GraphQLError[] = []
  const introspection = new Set<OperationDefinitionNode>()
  const report = (message: string, nodes: ASTNode): void =>
    void mistakes.push(new GraphQLError(message, { nodes }))
  const fold = foldSelections({ schema, document }, shapes(report), (fragment) =>
    report(`Cannot spread fragment "${fragment.name.value}" within itself.`, fragment),
  )

  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue
    const { depth, fields, isIntrospection, nestedLists } = fold(operation)
    if (isIntrospection) introspection.add(operation)
    if (depth > limits.depth)
      report(`The operation has a depth of ${depth} fields; ${limits.depth} are allowed.`, operation)
    if (fields > limits.rootFields)
      report(`The operation has ${fields} root fields; ${limits.rootFields} are allowed.`, operation)
    if (nestedLists > 1)
      report(`Introspection is answered without ${[...SCHEMA_LISTS].join(', ')} in one another.`, operation)
  }
  return { mistakes, introspection }
}
