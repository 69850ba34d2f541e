import { GraphQLError, parse, specifiedRules, validate, type DocumentNode, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { MAX_TOKENS, operationLimits } from '../operation-limits.ts'

/** Documents that may be executed, by their text. */
export interface Documents {
  /** The document, or what is wrong with it: the same as over HTTP. */
  read(query: string): DocumentNode | readonly GraphQLError[]
}

/**
 * Pages of all payers send the same few documents, and to parse and validate one costs more than everything else of a
 * subscription. What somebody else makes up pushes others out, and takes no more room than this, in characters.
 */
const LONGEST_KEPT = 4096
const MOST_KEPT = 64 * LONGEST_KEPT

const RULES = [...specifiedRules, ...operationLimits]

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes = null, source = null, positions = null } = error
  return new GraphQLError(message, { nodes, source, positions, extensions: { ...error.extensions, code } })
}

function parseDocument(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MAX_TOKENS })
  } catch (error) {
    if (error instanceof GraphQLError) return withCode(error, 'GRAPHQL_PARSE_FAILED')
    throw error
  }
}

/** Keeps the documents that were found to be valid, as long as there is room. */
export function createDocuments(schema: GraphQLSchema): Documents {
  const kept = new LRUCache<string, DocumentNode>({
    maxSize: MOST_KEPT,
    maxEntrySize: LONGEST_KEPT,
    sizeCalculation: (_document, query) => Math.max(1, query.length),
  })
  return {
    read(query) {
      const known = kept.get(query)
      if (known !== undefined) return known
      const document = parseDocument(query)
      if (document instanceof GraphQLError) return [document]
      const mistakes = validate(schema, document, RULES)
      if (mistakes.length > 0) return mistakes.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'))
      kept.set(query, document)
      return document
    },
  }
}
