import type { Database, Stores } from '../../../src/models/database.ts'

/** How long a gateway lives, counted in its calls of the database. */
export interface Life {
  readonly isOver: () => boolean
  /** It dies when it makes one call more than this. */
  allow(calls: number): void
  /** It dies now. */
  end(): void
  /** Counts a call. @throws when the gateway is dead, so that nothing it still tries has any effect */
  spend(): void
}

/** `onDeath` is called once, before anybody can hear anything more of the gateway. */
export function createLife(onDeath: () => void): Life {
  let left = Infinity
  let isOver = false
  function end(): void {
    if (isOver) return
    isOver = true
    onDeath()
  }
  return {
    isOver: () => isOver,
    end,
    allow(calls) {
      left = calls
    },
    spend() {
      if (left <= 0) end()
      if (isOver) throw new Error('This gateway is dead.')
      left -= 1
    },
  }
}

function countingCalls<T extends object>(store: T, life: Life): T {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: readonly unknown[]): Promise<unknown> => {
        life.spend()
        return Reflect.apply(member, target, args)
      }
    },
  })
}

/** The database as a gateway with this life sees it. */
export function mortalDatabase(database: Database, life: Life): Database {
  const counting = ({ orders, inbox, rejections }: Stores): Stores => ({
    orders: countingCalls(orders, life),
    inbox: countingCalls(inbox, life),
    rejections: countingCalls(rejections, life),
  })
  return { ...database, ...counting(database), notifications: counting(database.notifications) }
}
