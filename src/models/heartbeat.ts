import type { mongo } from 'mongoose'

/** How long a look at a server may take, in milliseconds: one whose answer is awaited, and one that asks and is told. */
export interface Patience {
  readonly awaited: number
  readonly asked: number
}

/**
 * Calls back when the driver began to look whether a server is alive, and neither saw it nor gave up. After that it
 * looks no more, and takes the server for lost however well it is. The driver (mongodb 7.8) comes to this when it asks
 * over a connection that is being closed at that very moment: it waits for ever until it may write.
 * @returns ends the watch
 */
export function onLostHeartbeat(
  client: mongo.MongoClient,
  patience: Patience,
  callBack: () => void,
): () => void {
  const looking = new Map<string, NodeJS.Timeout>()

  function end(address: string): void {
    clearTimeout(looking.get(address))
    looking.delete(address)
  }
  function begin({ connectionId: address, awaited }: mongo.ServerHeartbeatStartedEvent): void {
    end(address)
    const ms = awaited ? patience.awaited : patience.asked
    looking.set(address, setTimeout(callBack, ms).unref())
  }

  client.on('serverHeartbeatStarted', begin)
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => end(connectionId))
  client.on('serverHeartbeatFailed', ({ connectionId }) => end(connectionId))
  client.on('serverClosed', ({ address }) => end(address))
  return () => {
    client.off('serverHeartbeatStarted', begin)
    for (const address of looking.keys()) end(address)
  }
}
