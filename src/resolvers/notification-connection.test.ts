import { expect, test } from 'vitest'
import type { GatewayContext } from './context.ts'
import { cursorOf, pageInfoOf } from './cursor.ts'
import { pageOfNotifications } from './notification-connection.ts'

function idOf(kind: 'ntf' | 'rej', moment: number): string {
  return `${kind}_${String(moment).padStart(24, '0')}`
}

interface Found {
  readonly kept: readonly number[]
  /** Where the search among those that were kept was ended by its bound. */
  readonly examinedTo?: number
  readonly refused: readonly number[]
}

/** Notifications by the moments at which they came. */
function listOf({ kept, refused, examinedTo }: Found) {
  const rows = (kind: 'ntf' | 'rej', moments: readonly number[]) =>
    moments.map((at) => ({ id: idOf(kind, at) }))
  const end = examinedTo === undefined ? {} : { examinedTo: idOf('ntf', examinedTo) }
  const gateway = {
    inbox: { list: async () => ({ rows: rows('ntf', kept), ...end }) },
    rejections: { list: async () => rows('rej', refused) },
  }
  return { gateway } as unknown as GatewayContext
}

async function pageOf(found: Found, first: number) {
  const page = await pageOfNotifications(listOf(found), {}, { first, after: undefined })
  const { hasNextPage, endCursor } = pageInfoOf(page)
  return { ids: page.nodes.map(({ id }) => id), hasNextPage, endCursor }
}

const [NEWEST, REFUSED, OLDER, OLDEST] = [idOf('ntf', 9), idOf('rej', 8), idOf('ntf', 7), idOf('rej', 4)]

test('what was kept and what was refused are one list, newest first', async () => {
  expect(await pageOf({ kept: [9, 7], refused: [8, 4] }, 10)).toEqual({
    ids: [NEWEST, REFUSED, OLDER, OLDEST],
    hasNextPage: false,
    endCursor: cursorOf({ id: OLDEST }),
  })
})

test('where the search among those that were kept ended, so do the others, and the next page begins there', async () => {
  expect(await pageOf({ kept: [9, 7], examinedTo: 6, refused: [8, 4] }, 10)).toEqual({
    ids: [NEWEST, REFUSED, OLDER],
    hasNextPage: true,
    endCursor: cursorOf({ id: idOf('ntf', 6) }),
  })
})

test('a page that is full before the search ended goes on behind its last one', async () => {
  expect(await pageOf({ kept: [9, 7], examinedTo: 6, refused: [8] }, 2)).toEqual({
    ids: [NEWEST, REFUSED],
    hasNextPage: true,
    endCursor: cursorOf({ id: REFUSED }),
  })
})
