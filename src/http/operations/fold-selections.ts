import {
  isInterfaceType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  typeFromAST,
  getNamedType,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** One field where it is selected. A document that was not validated may select what the schema does not have. */
export interface SelectedField {
  readonly node: FieldNode
  /** The type that the field is selected on. */
  readonly parent: GraphQLNamedType | undefined
  readonly definition: GraphQLField<unknown, unknown> | undefined
}

/** How selections are summed up, from the leaves upwards. */
export interface Summary<T> {
  /** Of one field, given the summary of what is selected inside it. */
  readonly field: (field: SelectedField, inside: T) => T
  /** Of several selections side by side; of none for a leaf. */
  readonly together: (parts: readonly T[]) => T
}

/** Sums up an operation of one document. */
export type Fold<T> = (operation: OperationDefinitionNode) => T

const META_FIELDS = new Map<string, GraphQLField<unknown, unknown>>(
  [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef].map((field) => [field.name, field]),
)

function definitionOf(parent: GraphQLNamedType | undefined, name: string) {
  const meta = META_FIELDS.get(name)
  if (meta !== undefined) return meta
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  return fragments
}

/**
 * Sums up the selections of a document. Each fragment is read once, however often it is spread, so that the time is
 * linear in the length of the document; `onCycle` is called for a fragment that spreads itself, which then counts as empty.
 */
export function foldSelections<T>(
  { schema, document }: { readonly schema: GraphQLSchema; readonly document: DocumentNode },
  { field, together }: Summary<T>,
  onCycle: (fragment: FragmentDefinitionNode) => void = () => undefined,
): Fold<T> {
  const fragments = fragmentsOf(document)
  const known = new Map<FragmentDefinitionNode, T | 'open'>()

  function ofFragment(fragment: FragmentDefinitionNode | undefined): T {
    if (fragment === undefined) return together([])
    const found = known.get(fragment)
    if (found !== undefined && found !== 'open') return found
    if (found === 'open') {
      onCycle(fragment)
      return together([])
    }
    known.set(fragment, 'open')
    const summary = ofSet(fragment.selectionSet, typeFromAST(schema, fragment.typeCondition))
    known.set(fragment, summary)
    return summary
  }

  function ofSelection(selection: SelectionNode, parent: GraphQLNamedType | undefined): T {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return ofFragment(fragments.get(selection.name.value))
      case Kind.INLINE_FRAGMENT: {
        const { typeCondition } = selection
        return ofSet(selection.selectionSet, typeCondition ? typeFromAST(schema, typeCondition) : parent)
      }
      case Kind.FIELD: {
        const definition = definitionOf(parent, selection.name.value)
        const type = definition && getNamedType(definition.type)
        return field({ node: selection, parent, definition }, ofSet(selection.selectionSet, type))
      }
    }
  }

  function ofSet(set: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): T {
    return together((set?.selections ?? []).map((selection) => ofSelection(selection, parent)))
  }

  return ({ operation, selectionSet }) => ofSet(selectionSet, schema.getRootType(operation) ?? undefined)
}
