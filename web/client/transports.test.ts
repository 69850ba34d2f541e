import { once } from 'node:events'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket, WebSocketServer, type WebSocket as Socket } from 'ws'
import { answeringServer } from '../../test/support/answering-server.ts'
import { attempt } from './attempt.ts'
import { overLongPoll } from './long-poll.ts'
import { overSse } from './sse.ts'
import type { Sink, Transport } from './transport.ts'
import { overWebsocket } from './websocket.ts'

/** Opens a transport to this address, and notes what it says in so many words. */
function open(transport: Transport, base: string, hasNews = true) {
  const said: unknown[] = []
  const note = (word: string) => () => void said.push(word)
  const sink: Sink = {
    alive: note('alive'),
    lost: note('lost'),
    refused: note('refused'),
    result: (result) => void said.push(result),
    async news() {
      said.push('news')
      return hasNews
    },
  }
  const wanted = {
    base,
    authorization: 'Bearer t',
    orderId: 'o/1',
    after: () => 7,
  }
  const stop = transport(wanted, sink)
  onTestFinished(stop)
  return { stop, said: () => said.filter((what) => what !== 'alive'), everything: said }
}

/** A gateway that notes what the page says, and says what the test tells it to. */
async function openSocket() {
  vi.stubGlobal('WebSocket', WebSocket)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => {
    for (const client of server.clients) client.terminate()
    server.close()
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })
  await once(server, 'listening')
  const heard: unknown[] = []
  const connected = new Promise<Socket>((resolve) => {
    server.once('connection', (socket: Socket) => {
      socket.on('message', (data: Buffer) => void heard.push(JSON.parse(data.toString())))
      resolve(socket)
    })
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const page = open(overWebsocket, `http://127.0.0.1:${port}`)
  const socket = await connected
  return { ...page, socket, heard, say: (message: object) => socket.send(JSON.stringify(message)) }
}

describe('over a WebSocket', () => {
  test('the page introduces itself, and then asks for what follows its cursor', async () => {
    const { heard, say } = await openSocket()
    await expect
      .poll(() => heard)
      .toEqual([{ type: 'connection_init', payload: { authorization: 'Bearer t' } }])
    say({ type: 'connection_ack' })
    const subscribe = { id: '1', type: 'subscribe', payload: { variables: { id: 'o/1', after: 7 } } }
    await expect.poll(() => heard.at(-1)).toMatchObject(subscribe)
  })

  test('a ping of the gateway is answered, and the page sends one of its own every twelve seconds', async () => {
    const { heard, say } = await openSocket()
    say({ type: 'ping' })
    await expect.poll(() => heard.at(-1)).toEqual({ type: 'pong' })
    vi.advanceTimersByTime(12_000)
    await expect.poll(() => heard.at(-1)).toEqual({ type: 'ping' })
  })

  test('a result is passed on, and whatever arrives is a sign of life', async () => {
    const { said, everything, say } = await openSocket()
    say({ type: 'next', payload: { data: 1 } })
    await expect.poll(said).toEqual([{ data: 1 }])
    expect(everything[0]).toBe('alive')
  })

  test.each([
    [{ type: 'complete', id: '1' }, ['lost']],
    [{ type: 'error', payload: [{ message: 'no' }] }, [{ errors: [{ message: 'no' }] }, 'lost']],
  ])('%j ends it', async (message, expected) => {
    const { said, say } = await openSocket()
    say(message)
    await expect.poll(said).toEqual(expected)
  })

  test.each([
    [4401, 'refused'],
    [4403, 'refused'],
    [1012, 'lost'],
    [1013, 'lost'],
  ])('closed with %i, it is %s', async (code, word) => {
    const { said, socket } = await openSocket()
    socket.close(code)
    await expect.poll(said).toEqual([word])
  })

  test('stopped, it closes the socket and leaves no timer', async () => {
    const { stop, socket } = await openSocket()
    stop()
    await expect.poll(() => socket.readyState).toBe(socket.CLOSED)
    expect(vi.getTimerCount()).toBe(0)
  })
})

function event(data: unknown): Buffer {
  return Buffer.from(`event: next\ndata: ${JSON.stringify(data)}\n\n`)
}

describe('over server-sent events', () => {
  test('results are read however the network cuts them', async () => {
    const bytes = Buffer.concat([event({ data: '龙井' }), Buffer.from(':\n\n'), event({ data: 2 })])
    const { url: base } = await answeringServer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const byte of bytes) {
        // Each byte is a chunk of its own; they are sent one after the other, and not joined.
        response.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
    })
    const { said } = open(overSse, base)
    await expect.poll(said).toEqual([{ data: '龙井' }, { data: 2 }])
  })

  test.each([
    ['is not let in', 401, 'refused'],
    ['is told to come again', 503, 'lost'],
  ])('a page that %s (%i) is %s', async (_what, status, word) => {
    const { url: base } = await answeringServer(
      (_request, response) => void response.writeHead(status).end('{}'),
    )
    const { said } = open(overSse, base)
    await expect.poll(said).toContain(word)
  })

  test('the end of the stream is the end of it', async () => {
    const { url: base } = await answeringServer((_request, response) => void response.end(event({ data: 1 })))
    const { said } = open(overSse, base)
    await expect.poll(said).toEqual([{ data: 1 }, 'lost'])
  })
})

/** Answers the polls with these, one after the other, and the rest never. */
async function openPolls(answers: readonly unknown[], hasNews = true) {
  const asked: string[] = []
  const { url: base } = await answeringServer(({ url = '' }, response) => {
    const answer = answers[asked.push(url) - 1]
    if (answer === undefined) return
    if (typeof answer === 'number') response.writeHead(answer)
    response.end(JSON.stringify(answer))
  })
  return { ...open(overLongPoll, base, hasNews), asked }
}

describe('over the long poll', () => {
  test('the first poll does not wait, so that its answer shows that it works; the others do', async () => {
    const { asked, everything } = await openPolls([[]])
    const path = '/orders/o%2F1/events?after=7&wait='
    await expect.poll(() => asked).toEqual([`${path}0`, `${path}20`])
    expect(everything).toEqual(['alive'])
  })

  test('events are news, and the polls go on when they could be fetched', async () => {
    const { asked, said } = await openPolls([[{ seq: 8 }]])
    await expect.poll(() => asked).toHaveLength(2)
    expect(said()).toEqual(['news'])
  })

  test('when what happened cannot be fetched, it is lost, and its cursor is not asked for at once again', async () => {
    const { asked, said } = await openPolls([[{ seq: 8 }], []], false)
    await expect.poll(said).toEqual(['news', 'lost'])
    expect(asked).toHaveLength(1)
  })

  test.each<[string, unknown, readonly unknown[]]>([
    ['a refusal', 401, ['refused', 'lost']],
    ['an error', { errors: [{ message: 'no' }] }, [{ errors: [{ message: 'no' }] }, 'lost']],
  ])('%s ends it', async (_what, answer, expected) => {
    const { said } = await openPolls([answer])
    await expect.poll(said).toEqual(expected)
  })
})

test('what a transport says after it was given up is heard by nobody', () => {
  const said: string[] = []
  const note = (word: string) => () => void said.push(word)
  let sink: Sink | undefined
  const stop = attempt(
    (_wanted, given) => {
      sink = given
      return note('closed')
    },
    {
      wanted: { base: '', authorization: '', orderId: '', after: () => 0 },
      connectMs: 1_000,
      silenceMs: 1_000,
      result: note('result'),
      refused: note('refused'),
      async news() {
        said.push('news')
        return true
      },
    },
    { up: note('up'), down: note('down') },
  )
  sink?.alive()
  stop()
  stop()
  sink?.alive()
  sink?.result(1)
  sink?.refused()
  void sink?.news()
  sink?.lost()
  expect(said).toEqual(['up', 'closed'])
})
