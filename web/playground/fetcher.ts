import type { GraphiQLProps } from 'graphiql'
import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql'
import { createClient } from 'graphql-ws'

type Fetcher = GraphiQLProps['fetcher']
type Operation = Parameters<Fetcher>[0]
type HeaderValues = Readonly<Record<string, unknown>>

/** Where the gateway answers. */
export interface Urls {
  readonly http: string
  /** The same as `ws:` or `wss:`. */
  readonly socket: string
}

/** Sends queries and mutations by HTTP, and subscriptions over a socket of their own. */
export function createFetcher(urls: Urls): Fetcher {
  return (parameters, options) => {
    const headers: HeaderValues = options?.headers ?? {}
    const operation = options?.documentAST && getOperationAST(options.documentAST, parameters.operationName)
    return operation?.operation === OperationTypeNode.SUBSCRIPTION
      ? subscribe(urls.socket, parameters, headers)
      : post(urls.http, parameters, headers)
  }
}

/** JSON by POST is what the gateway's protection against forged requests asks for. */
async function post(url: string, operation: Operation, headers: HeaderValues): Promise<ExecutionResult> {
  const all = new Headers({ accept: 'application/json' })
  for (const [name, value] of Object.entries(headers)) all.set(name, String(value))
  all.set('content-type', 'application/json')
  const response = await fetch(url, { method: 'POST', headers: all, body: JSON.stringify(operation) })
  return (await response.json()) as ExecutionResult
}

/** Each run connects anew: a connection keeps the identity that it began with, and the headers may have changed. */
function subscribe(url: string, operation: Operation, headers: HeaderValues): AsyncIterable<ExecutionResult> {
  const client = createClient({ url, connectionParams: lowerCased(headers), retryAttempts: 0 })
  const results = client.iterate<Record<string, unknown>, Record<string, unknown>>({
    query: operation.query,
    variables: operation.variables as HeaderValues,
    operationName: operation.operationName ?? null,
    // GraphiQL calls the errors of an answer by the type that they have inside a server; it only prints them.
  }) as AsyncIterableIterator<ExecutionResult>
  const iterator: AsyncIterator<ExecutionResult> = {
    next: () => results.next().catch(throwReadable),
    return: async () => {
      await results.return?.()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** In HTTP the case of a header's name does not matter, in a connection's parameters it does. */
function lowerCased(headers: HeaderValues): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** A closed socket is an event, of which GraphiQL would show nothing but `isTrusted`. */
function throwReadable(problem: unknown): never {
  if (problem instanceof CloseEvent) {
    throw new Error(`The gateway closed the connection: ${problem.code} ${problem.reason}`.trim())
  }
  if (problem instanceof Event) throw new Error('The gateway could not be reached.')
  throw problem
}
