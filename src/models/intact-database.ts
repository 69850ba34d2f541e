import type { Database, Stores } from './database.ts'

/** The files of the database are not those that it was opened with, so that what was written may be lost. */
export class DatabaseFilesMissing extends Error {
  override readonly name = 'DatabaseFilesMissing'
  /** What `/readyz` says. */
  readonly readiness = 'database files missing'
}

/**
 * The same database, no call of which succeeds while its files are not intact. They are looked at after a call, before its
 * result can be acknowledged; once they are known to be missing also before it, so that nothing more is written.
 * @param isIntact must be quick
 */
export function whileIntact(database: Database, isIntact: () => boolean): Database {
  let wasIntact = true
  function requireIntact(): void {
    wasIntact = isIntact()
    if (!wasIntact) throw new DatabaseFilesMissing('The files of the database are no longer in their place.')
  }
  async function checked<T>(call: () => Promise<T>): Promise<T> {
    if (!wasIntact) requireIntact()
    const result = await call()
    requireIntact()
    return result
  }
  function guarded<T extends object>(store: T): T {
    return new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...given: readonly unknown[]) =>
          checked(async () => Reflect.apply(member, target, given) as unknown)
      },
    })
  }
  function guardedStores({ orders, inbox, rejections }: Stores): Stores {
    return { orders: guarded(orders), inbox: guarded(inbox), rejections: guarded(rejections) }
  }
  const { notifications, ping } = database
  return {
    ...database,
    ...guardedStores(database),
    notifications: guardedStores(notifications),
    async ping() {
      requireIntact()
      await checked(ping)
    },
  }
}
