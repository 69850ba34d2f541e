import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Scheduler } from '../operations/scheduler.ts'
import { readFrames } from './frames.ts'

/** A scheduler that runs one job when the test says so. */
function manualScheduler() {
  const jobs: (() => void)[] = []
  const scheduler: Scheduler = {
    schedule: (_queue, job) => void jobs.push(job),
    wait: () => Promise.resolve(),
    waiting: () => jobs.length,
  }
  return { scheduler, runOne: () => jobs.shift()?.(), jobs }
}

/** Both ends of a WebSocket whose frames are read. */
async function readSocket() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const connected = once(server, 'connection') as Promise<[WebSocket]>
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => client.terminate())
  const [socket] = await connected
  const read: string[] = []
  const manual = manualScheduler()
  readFrames(socket, manual.scheduler, {
    queueKey: () => ({ key: 'a', isKnown: true }),
    read: (message) => read.push(message),
  })
  await once(client, 'open')
  return { client, socket, read, ...manual }
}

test('frames are read one by one, in their order, with one job at a time', async () => {
  const { client, read, jobs, runOne } = await readSocket()
  for (const text of ['a', 'b', 'c']) client.send(text)
  await expect.poll(() => jobs.length).toBe(1)
  for (const expected of ['a', 'ab', 'abc']) {
    await expect.poll(() => jobs.length).toBe(1)
    runOne()
    expect(read.join('')).toBe(expected)
  }
})

test('a client that sends faster than it is served is not read from the network, and loses nothing', async () => {
  const { client, socket, read, jobs, runOne } = await readSocket()
  const frame = 'x'.repeat(10_000)
  for (let number = 0; number < 500; number += 1) client.send(`${number} ${frame}`)
  await expect.poll(() => socket.isPaused).toBe(true)
  await expect
    .poll(
      () => {
        runOne()
        return read.length
      },
      { interval: 1, timeout: 10_000 },
    )
    .toBe(500)
  expect(read.map((text) => Number(text.split(' ')[0]))).toEqual(Array.from({ length: 500 }, (_, n) => n))
  expect([socket.isPaused, jobs.length]).toEqual([false, 0])
})

test('what comes on a socket that is being closed is dropped, and the close handshake is completed', async () => {
  const { client, socket, read, runOne, jobs } = await readSocket()
  for (let number = 0; number < 100; number += 1) client.send('x'.repeat(10_000))
  await expect.poll(() => socket.isPaused).toBe(true)
  const closed = once(client, 'close')
  socket.close(4400, 'enough')
  while (jobs.length > 0) runOne()
  const [code] = (await closed) as [number]
  expect([code, read.length]).toEqual([4400, 0])
})
