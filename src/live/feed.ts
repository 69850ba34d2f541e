import type { ToldEvent } from './events.ts'
import { followAll, type NewsParts } from './news.ts'
import { boundedQueue, type Queue } from './queue.ts'

/** What a reader of the feed gets: events, and at last perhaps the word that it was too slow for them. */
export type FeedItem = ToldEvent | 'too-slow'

/** All events of all orders, for those who may see them all. */
export interface Feed {
  /** Every event from now on. To be closed with `return()`, as `for await` does. */
  read(isWanted: (told: ToldEvent) => boolean): Promise<AsyncIterableIterator<FeedItem>>
  close(): Promise<void>
}

/** So many events may wait for one reader. Their orders are shared by all readers. */
const LONGEST_QUEUE = 5000

type Reader = Queue<FeedItem> & { readonly isWanted: (told: ToldEvent) => boolean }

interface Following {
  readonly stop: Promise<() => Promise<void>>
}

function streamOf(reader: Reader, leave: () => Promise<void>): AsyncIterableIterator<FeedItem> {
  const stream: AsyncIterableIterator<FeedItem> = {
    [Symbol.asyncIterator]: () => stream,
    async next() {
      const result = await reader.take()
      if (result.done === true) await leave()
      return result
    },
    async return() {
      await leave()
      return { done: true, value: undefined }
    },
  }
  return stream
}

/** A feed that costs nothing while nobody reads it. */
export function createFeed(parts: NewsParts): Feed {
  const readers = new Set<Reader>()
  let following: Following | undefined

  function tell(told: ToldEvent): void {
    for (const reader of readers) if (reader.isWanted(told)) reader.offer(told)
  }

  function lose(): void {
    for (const reader of readers) reader.overflow()
  }

  /** One that was told to stop may still be beginning; what it then tells, the next one tells as well. */
  function follow(): Following {
    const own: Following = {
      stop: followAll(parts, {
        tell: (told) => void (own === following && tell(told)),
        lose: () => void (own === following && lose()),
      }),
    }
    return own
  }

  async function rest(): Promise<void> {
    const last = following
    following = undefined
    // One that cannot begin has nothing to stop, and its readers are told why.
    await last?.stop.then(
      (stop) => stop(),
      () => undefined,
    )
  }

  async function leave(reader: Reader): Promise<void> {
    reader.end()
    if (readers.delete(reader) && readers.size === 0) await rest()
  }

  async function begin(reader: Reader): Promise<void> {
    readers.add(reader)
    const own = (following ??= follow())
    try {
      await own.stop
    } catch (error) {
      readers.delete(reader)
      // By now there may be another, which has to be stopped one day.
      if (following === own) following = undefined
      throw error
    }
  }

  return {
    async read(isWanted) {
      const reader = { ...boundedQueue<FeedItem>(LONGEST_QUEUE, 'too-slow'), isWanted }
      await begin(reader)
      return streamOf(reader, () => leave(reader))
    },
    async close() {
      for (const reader of readers) await leave(reader)
    },
  }
}
