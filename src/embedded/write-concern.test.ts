import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { askForJournal } from './write-concern.ts'

const { BSON } = mongoose.mongo
const BODY_AT = 21

/** A message with a command in its body, as drivers send it; what follows the body is a section of its own. */
function messageOf(command: object, more = Buffer.alloc(0)): Buffer {
  const body = BSON.serialize(command)
  const head = Buffer.alloc(BODY_AT)
  head.writeInt32LE(BODY_AT + body.length + more.length, 0)
  head.writeInt32LE(77, 4)
  head.writeInt32LE(2013, 12)
  return Buffer.concat([head, body, more])
}

function commandOf(message: Buffer): object {
  expect(message.readInt32LE(0)).toBe(message.length)
  return BSON.deserialize(message.subarray(BODY_AT, BODY_AT + message.readInt32LE(BODY_AT)))
}

test('a majority that is asked for becomes one server and its journal', () => {
  const message = messageOf({ insert: 'orders', writeConcern: { w: 'majority' }, $db: 'paybell' })
  expect(commandOf(askForJournal(message))).toEqual({
    insert: 'orders',
    writeConcern: { w: 1, j: true },
    $db: 'paybell',
  })
})

test.each([true, false])(
  'what a command says of the journal itself (%s) stands, and so does its time limit',
  (j) => {
    const message = messageOf({ insert: 'orders', writeConcern: { w: 'majority', wtimeout: 50, j } })
    expect(commandOf(askForJournal(message))).toEqual({
      insert: 'orders',
      writeConcern: { w: 1, wtimeout: 50, j },
    })
  },
)

test('everything else in the message stays, whatever its type', () => {
  const command = {
    update: 'orders',
    text: 'majority',
    nested: { list: [1, 2.5, null, true, { w: 'majority' }] },
    bytes: new BSON.Binary(Buffer.from([1, 2, 3])),
    id: new BSON.ObjectId(),
    at: new Date(0),
    pattern: /^a.*b$/i,
    code: new BSON.Code('f()'),
    long: BSON.Long.fromNumber(2 ** 40),
    decimal: BSON.Decimal128.fromString('1.10'),
    stamp: new BSON.Timestamp({ t: 1, i: 2 }),
    least: new BSON.MinKey(),
    most: new BSON.MaxKey(),
  }
  const documents = Buffer.from('\u0001 a section that follows')
  const message = messageOf({ ...command, writeConcern: { w: 'majority' }, $db: 'paybell' }, documents)
  const expected = messageOf({ ...command, writeConcern: { w: 1, j: true }, $db: 'paybell' }, documents)
  expect(askForJournal(message)).toEqual(expected)
})

test.each([
  ['asks for no majority', messageOf({ insert: 'orders', writeConcern: { w: 1, j: true } })],
  [
    'names the words in its data alone',
    messageOf({ insert: 'orders', documents: [{ writeConcern: { w: 'majority' } }] }),
  ],
])('a message that %s is passed on as it came', (_, message) => {
  expect(askForJournal(message)).toBe(message)
})

test('a message that is cut off, or not of this kind, is passed on as it came', () => {
  const whole = messageOf({ insert: 'orders', id: new BSON.ObjectId(), writeConcern: { w: 'majority' } })
  const damaged = Array.from({ length: whole.length - BODY_AT }, (_, position) => {
    const bytes = Buffer.from(whole)
    return bytes.fill(0xee, BODY_AT + position, BODY_AT + position + 1)
  })
  for (const message of damaged) expect(() => askForJournal(message)).not.toThrow()
  const reply = Buffer.from(whole)
  reply.writeInt32LE(1, 12)
  expect(askForJournal(reply)).toBe(reply)
})
