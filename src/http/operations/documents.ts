import {
  GraphQLError,
  Kind,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import type { OperationLimits } from '../../operations/operation-limits.ts'
import { shapeOf } from './shape.ts'

/** A document that may be executed. */
export interface ValidDocument {
  readonly document: DocumentNode
  /** The operations that ask for nothing but introspection. */
  readonly introspection: ReadonlySet<OperationDefinitionNode>
}

/** The result of checking a text: a valid document, its mistakes, or that only known callers may send it. */
export type DocumentCheck =
  | ValidDocument
  | { readonly mistakes: readonly GraphQLError[] }
  | { readonly needsCaller: true }

/** Documents by their text, read once. */
export interface Documents {
  /** The result for a text that was checked before. */
  known(text: string): DocumentCheck | undefined
  /** Checks a text and remembers the result, refusals as well. */
  read(text: string): DocumentCheck
}

/**
 * Whose documents are kept. Each kind has room of its own, so that anonymous callers cannot evict the documents of payers, and
 * payers not those of merchants.
 */
export type Audience = 'keys' | 'tokens' | 'anonymous'

const MAX_KEPT: Readonly<Record<Audience, number>> = { keys: 1000, tokens: 1000, anonymous: 200 }

/** What all kept documents of one kind may take, and about what one takes: the tree and the list of its tokens. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024
const BYTES_PER_TOKEN = 500

/** A name, a number or a punctuator. */
const TOKEN = /\w+|[^\s\w,]/g

/** About as many tokens as a text has; of a text with strings or comments more. At most as many as are read. */
export function tokensOf(text: string, { tokens, textCharacters }: OperationLimits): number {
  if (text.length > textCharacters) return tokens
  return Math.min(tokens, text.match(TOKEN)?.length ?? 0)
}

/** After so many mistakes a document is not looked at any further. */
const MAX_MISTAKES = 20

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes = null, source = null, positions = null } = error
  return new GraphQLError(message, { nodes, source, positions, extensions: { ...error.extensions, code } })
}

function refused(errors: readonly GraphQLError[], code: string): DocumentCheck {
  return { mistakes: errors.map((error) => withCode(error, code)) }
}

function parseText(text: string, limits: OperationLimits): DocumentNode | GraphQLError {
  if (text.length > limits.textCharacters) {
    const sentence = `The document has ${text.length} characters; at most ${limits.textCharacters} are read.`
    return new GraphQLError(sentence)
  }
  try {
    return parse(text, { maxTokens: limits.tokens })
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

/** What cheap checks find comes before the validation, whose time grows with the square of a document's length. */
function judge(text: string, schema: GraphQLSchema, { limits, audience }: DocumentOptions): DocumentCheck {
  const document = parseText(text, limits)
  if (document instanceof GraphQLError) return refused([document], 'GRAPHQL_PARSE_FAILED')
  const { mistakes, introspection } = shapeOf(document, schema, limits)
  const isIntrospection = document.definitions.every(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || introspection.has(definition),
  )
  if (audience === 'anonymous' && !isIntrospection) return { needsCaller: true }
  if (mistakes.length > 0) return refused(mistakes.slice(0, MAX_MISTAKES), 'GRAPHQL_VALIDATION_FAILED')
  const invalid = validate(schema, document, specifiedRules, { maxErrors: MAX_MISTAKES })
  if (invalid.length > 0) return refused(invalid, 'GRAPHQL_VALIDATION_FAILED')
  return { document, introspection }
}

interface DocumentOptions {
  readonly limits: OperationLimits
  readonly audience: Audience
}

/** Reads documents in the order: length, tokens, bounds of their shape, validation. */
export function createDocuments(schema: GraphQLSchema, options: DocumentOptions): Documents {
  const { limits } = options
  const kept = new LRUCache<string, DocumentCheck>({
    max: MAX_KEPT[options.audience],
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: (check, text) =>
      2 * text.length + 100 + ('needsCaller' in check ? 0 : BYTES_PER_TOKEN * tokensOf(text, limits)),
  })
  return {
    known: (text) => kept.get(text),
    read(text) {
      const check = kept.get(text) ?? judge(text, schema, options)
      // A text that is too long is refused without being read: to remember it would cost more.
      if (text.length <= limits.textCharacters) kept.set(text, check)
      return check
    },
  }
}
