import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { mongo } from 'mongoose'
import { onTestFinished } from 'vitest'

/** A command as a client sent it, or the document of a reply. */
export type Document = Readonly<Record<string, unknown>>

/** What becomes of a command instead of being answered by the server. */
export interface DatabaseFault {
  readonly reply: Document
  /** True: the server executes the command all the same, and the fields of `reply` replace those of its own reply. */
  readonly isExecuted?: boolean
}

/** The Unix socket in the address of an embedded database. */
const SOCKET = /^mongodb:\/\/(?<socket>[^/?]+)/

/** OP_MSG: a header of four 32-bit numbers, flags, and sections, of which the one of kind 0 is the command or the reply. */
const OP_MSG = 2013
const HEADER_BYTES = 16
const SECTIONS_AT = 20

/** Calls back with each whole message of a byte stream. */
function messages(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0)
      onMessage(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
}

function documentOf(message: Buffer): Document | undefined {
  if (message.readInt32LE(12) !== OP_MSG) return undefined
  for (let at = SECTIONS_AT; at < message.length;) {
    const length = message.readInt32LE(at + 1)
    if (message[at] === 0) return mongo.BSON.deserialize(message.subarray(at + 1, at + 1 + length))
    at += 1 + length
  }
  return undefined
}

function replyTo(requestId: number, document: Document): Buffer {
  const body = mongo.BSON.serialize(document)
  const message = Buffer.alloc(SECTIONS_AT + 1 + body.length)
  message.writeInt32LE(message.length, 0)
  message.writeInt32LE(requestId, 8)
  message.writeInt32LE(OP_MSG, 12)
  message.set(body, SECTIONS_AT + 1)
  return message
}

/** Joins a client to the server; `faultOf` is asked about each command. */
function join(client: Socket, server: Socket, faultOf: (command: Document) => DatabaseFault | undefined) {
  const changed = new Map<number, Document>()
  const onCommand = messages((message) => {
    const requestId = message.readInt32LE(4)
    const command = documentOf(message)
    const fault = command && faultOf(command)
    if (fault === undefined) return void server.write(message)
    if (fault.isExecuted !== true) return void client.write(replyTo(requestId, fault.reply))
    changed.set(requestId, fault.reply)
    server.write(message)
  })
  const onReply = messages((message) => {
    const requestId = message.readInt32LE(HEADER_BYTES - 8)
    const change = changed.get(requestId)
    changed.delete(requestId)
    client.write(change ? replyTo(requestId, { ...documentOf(message), ...change }) : message)
  })
  client.on('data', onCommand)
  server.on('data', onReply)
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => void other.destroy())
  }
}

/**
 * A network in front of a database that answers some commands itself, as a server of a replica set would that is not the
 * primary any more.
 * @param faultOf asked about every command of every client; undefined lets it pass
 * @returns the address
 */
export async function faultyDatabase(
  uri: string,
  faultOf: (command: Document) => DatabaseFault | undefined,
): Promise<string> {
  const socketPath = decodeURIComponent(SOCKET.exec(uri)?.groups?.['socket'] ?? '')
  const open = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect(socketPath)
    for (const socket of [client, server]) open.add(socket.once('close', () => open.delete(socket)))
    join(client, server, faultOf)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => {
    listener.close()
    for (const socket of open) socket.destroy()
  })
  const { port } = listener.address() as AddressInfo
  return uri.replace(SOCKET, `mongodb://127.0.0.1:${port}`)
}
