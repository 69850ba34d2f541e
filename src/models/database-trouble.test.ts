import mongoose, { Schema } from 'mongoose'
import { expect, inject, onTestFinished, test } from 'vitest'
import { keepConnection } from './connection.ts'
import { isDatabaseTrouble } from './database-trouble.ts'

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no failure',
    (error: unknown) => error,
  )
}

/** A collection of numbers on a connection as the gateway has them. */
async function things() {
  const { connection, close } = await keepConnection(inject('mongodbUri'))
  onTestFinished(close)
  const model = connection.model('Thing', new Schema({ _id: Number, size: Number }))
  return { model, client: connection.getClient(), close }
}

test('what is asked over a connection that was closed is trouble', async () => {
  const { model, client, close } = await things()
  await client.close(true)
  expect(await failureOf(model.findOne().exec())).toSatisfy(isDatabaseTrouble)
  await close()
  expect(await failureOf(model.findOne().exec())).toSatisfy(isDatabaseTrouble)
})

test('what is asked before a connection is open is trouble', async () => {
  const connection = mongoose.createConnection()
  onTestFinished(() => connection.close())
  const model = connection.model('Thing', new Schema({ _id: Number }, { bufferCommands: false }))
  expect(await failureOf(model.findOne().exec())).toSatisfy(isDatabaseTrouble)
})

test('a document that is there already, a value of another type and a bug are no trouble of the database', async () => {
  const { model } = await things()
  const _id = Date.now()
  await model.create({ _id })
  const failures = [
    await failureOf(model.create({ _id })),
    await failureOf(model.findOne({ _id: 'large' } as object).exec()),
    await failureOf(model.findOne({ $nonsense: 1 } as object).exec()),
    await failureOf(model.updateOne({ _id }, { $push: { size: 1 } }).exec()),
    new TypeError('x is undefined'),
    Object.assign(new Error('elsewhere'), { code: 91 }),
    'no error',
  ]
  expect(failures.map(isDatabaseTrouble)).toEqual(failures.map(() => false))
})
