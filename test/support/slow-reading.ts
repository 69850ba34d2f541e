import { once } from 'node:events'
import { databaseAt, freshDatabaseUri } from './database.ts'
import { openGateway, type GatewayChanges } from './gateway.ts'

/** A gateway that can be held up when it reads an order, until the test lets it go on. */
export async function slowlyReadingGateway(changes: GatewayChanges = {}) {
  const databaseUri = freshDatabaseUri()
  const database = await databaseAt(databaseUri)
  let heldUp: Promise<unknown> = Promise.resolve()
  const orders: typeof database.orders = {
    ...database.orders,
    async byId(id) {
      await heldUp
      return database.orders.byId(id)
    },
  }
  const gateway = await openGateway({ ...changes, databaseUri, database: { ...database, orders } })
  /** Holds up what is read from now on. The answer lets it go on. */
  function holdUp(): () => void {
    const going = new AbortController()
    heldUp = once(going.signal, 'abort')
    return () => going.abort()
  }
  return { gateway, holdUp }
}
