import { openDatabase, type Database } from '../../src/models/database.ts'

/** One that is not found in so many tries is not there. */
const MAX_TRIES = 5

/** A machine that stands still for longer than a gateway waits for its server, 1.5 seconds, says nothing of the gateway. */
function isStalled(error: unknown): boolean {
  return error instanceof Error && error.name.endsWith('ServerSelectionError')
}

/**
 * Opens a database, and again while its server is not found in time, as a supervisor would start a gateway again.
 * @throws at once when it cannot be opened for another reason
 */
export async function openDatabasePatiently(uri: string, tries = 1): Promise<Database> {
  try {
    return await openDatabase(uri)
  } catch (error) {
    if (tries === MAX_TRIES || !isStalled(error)) throw error
    return openDatabasePatiently(uri, tries + 1)
  }
}
