import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { holdWhileOpen, type Hold } from './hold.ts'

/** The response to a client who is gone as soon as it has asked, and what holds for it. */
async function abandoned(): Promise<{ readonly hold: Hold; readonly closed: Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n'))
  const response = await new Promise<ServerResponse>((resolve) =>
    server.once('request', (_request, response) => resolve(response)),
  )
  const held = { hold: holdWhileOpen(response), closed: once(response, 'close') }
  socket.destroy()
  return held
}

test('what is held is given back when the stream closes, and not before', async () => {
  const { hold, closed } = await abandoned()
  let given = 0
  hold(() => void (given += 1))
  expect(given).toBe(0)
  await closed
  expect(given).toBe(1)
})

test('what is held only after the stream has closed is given back at once', async () => {
  const { hold, closed } = await abandoned()
  await closed
  let given = 0
  hold(() => void (given += 1))
  expect(given).toBe(1)
})
