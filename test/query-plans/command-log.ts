import mongoose, { type mongo } from 'mongoose'

/** What a command cost the server. */
export interface CommandCost {
  readonly command: string
  readonly keys: number
  readonly documents: number
  /** Documents that the index lookup gave: those that were returned, changed or counted. */
  readonly returned: number
}

type Command = Readonly<Record<string, unknown>>

const COMMANDS = new Set([
  'find',
  'aggregate',
  'update',
  'findAndModify',
  'count',
  'distinct',
  'delete',
  'insert',
])

/** What a driver adds, and `explain` does not take. */
const ADDED = new Set([
  'readConcern',
  'lsid',
  '$db',
  '$clusterTime',
  'txnNumber',
  'writeConcern',
  'apiVersion',
  'maxTimeMS',
])

/** An address whose clients tell of their commands. */
export function monitored(uri: string): string {
  return `${uri}&monitorCommands=true`
}

/** Notes every command that reads or writes documents of a database, over whichever of this process's connections. */
export function noteCommands(databaseName: string) {
  const noted: Command[] = []
  function note({ commandName, databaseName: name, command }: mongo.CommandStartedEvent): void {
    if (name !== databaseName || !COMMANDS.has(commandName)) return
    noted.push(Object.fromEntries(Object.entries(command).filter(([field]) => !ADDED.has(field))))
  }
  const clients = mongoose.connections
    .filter(({ readyState }) => readyState === mongoose.STATES.connected)
    .map((connection) => connection.getClient())
  for (const client of clients) client.on('commandStarted', note)
  return {
    noted,
    stop: () => clients.forEach((client) => void client.off('commandStarted', note)),
  }
}

interface Stats {
  readonly totalKeysExamined: number
  readonly totalDocsExamined: number
  readonly nReturned: number
  readonly executionStages?: { readonly nMatched?: number; readonly nCounted?: number }
}

/** Where an aggregation begins with a lookup, its cost is that of the lookup. */
function statsOf(explained: mongo.Document): Stats {
  const lookup: mongo.Document = explained['stages']?.[0].$cursor ?? explained
  const stats: Stats = lookup['executionStats']
  return stats
}

/** Has the server execute a command once more, and say what it examined. */
export async function costOf(database: mongo.Db, command: Command): Promise<CommandCost> {
  const stats = statsOf(await database.command({ explain: command, verbosity: 'executionStats' }))
  const { nMatched = 0, nCounted = 0 } = stats.executionStages ?? {}
  return {
    command: JSON.stringify(command),
    keys: stats.totalKeysExamined,
    documents: stats.totalDocsExamined,
    returned: Math.max(stats.nReturned, nMatched, nCounted),
  }
}
