import { expect, onTestFinished, test, vi } from 'vitest'
import { type Connection, type ConnectionOptions, keepConnected, type TransportName } from './connection.ts'
import type { Sink, Transport } from './transport.ts'

const PACE = { connectMs: 6_000, silenceMs: 30_000, probeMs: 20_000 }

test('a transport that fails twice without a sign of life makes way for the next one', async () => {
  const [websocket, sse, page] = connectOver('dead', 'alive')
  await vi.advanceTimersByTimeAsync(3_000)
  expect(websocket.opened()).toBe(2)
  expect(sse.opened()).toBe(1)
  expect(page.told.at(-1)).toEqual(['online', 'sse'])
})

test('a transport that says nothing is given up', async () => {
  const [websocket, sse] = connectOver('mute', 'alive')
  await vi.advanceTimersByTimeAsync(2 * PACE.connectMs + 3_000)
  expect(websocket.isOpen()).toBe(false)
  expect(sse.isOpen()).toBe(true)
})

test('a connection that falls silent is replaced by the same transport', async () => {
  const [websocket, sse] = connectOver('alive', 'alive')
  await vi.advanceTimersByTimeAsync(PACE.silenceMs - 1)
  expect(websocket.opened()).toBe(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(websocket.opened()).toBe(2)
  expect(sse.opened()).toBe(0)
})

test('a connection on which anything is heard lasts', async () => {
  const [websocket] = connectOver('alive', 'alive')
  for (let pings = 0; pings < 20; pings += 1) {
    await vi.advanceTimersByTimeAsync(12_000)
    websocket.sink()?.alive()
  }
  expect(websocket.opened()).toBe(1)
})

test('a better transport is tried again beside the lesser one, and takes over when it works', async () => {
  const [websocket, sse, page] = connectOver('dead', 'alive')
  await vi.advanceTimersByTimeAsync(3_000)
  websocket.become('mute')
  await vi.advanceTimersByTimeAsync(PACE.probeMs)
  expect([websocket.isOpen(), sse.isOpen()]).toEqual([true, true])
  sse.sink()?.alive()
  websocket.sink()?.alive()
  expect([websocket.isOpen(), sse.isOpen()]).toEqual([true, false])
  expect(page.told.at(-1)).toEqual(['online', 'websocket'])
})

test('tries of a better transport become rare', async () => {
  const [websocket, sse] = connectOver('dead', 'alive')
  const chatter = setInterval(() => sse.sink()?.alive(), 12_000)
  onTestFinished(() => clearInterval(chatter))
  await vi.advanceTimersByTimeAsync(3_000)
  await vi.advanceTimersByTimeAsync((1 + 2 + 4 + 8 + 16) * PACE.probeMs + 10_000)
  expect(websocket.opened()).toBe(2 + 5)
  expect(sse.opened()).toBe(1)
})

test.each([0, 0.5, 0.99])(
  'when nothing works, everything is tried in turn, ever more slowly (chance %d)',
  async (chance) => {
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    onTestFinished(() => void vi.restoreAllMocks())
    const [websocket, sse, page] = connectOver('dead', 'dead')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(websocket.opened()).toBeGreaterThan(15)
    expect(websocket.opened() + sse.opened()).toBeLessThan(100)
    sse.become('alive')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(page.told.at(-1)).toEqual(['online', 'sse'])
  },
)

test('a connection that ends as soon as it works is not made again in a storm', async () => {
  const [websocket] = connectOver('brief', 'alive')
  await vi.advanceTimersByTimeAsync(600_000)
  expect(websocket.opened()).toBeLessThan(100)
})

test('a transport that the browser does not have is skipped', async () => {
  const [, sse] = connectOver('throws', 'alive')
  await vi.advanceTimersByTimeAsync(3_000)
  expect(sse.isOpen()).toBe(true)
})

// Between the planning of a better try and its time, everything may have failed, and the best way be in use again.
test.each(
  [14, 15, 16, 17, 18].flatMap((seconds) =>
    [0, 0.2, 0.4, 0.6, 0.8, 0.99].map((chance) => [seconds, chance] as const),
  ),
)(
  'after nothing worked for %d s (chance %d) the best way is kept when it works, and given up when it does not',
  async (seconds, chance) => {
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    onTestFinished(() => void vi.restoreAllMocks())
    const [websocket, sse, page] = connectOver('dead', 'alive')
    await vi.advanceTimersByTimeAsync(3_000)
    sse.become('dead')
    sse.sink()?.lost()
    await vi.advanceTimersByTimeAsync(seconds * 1_000)
    websocket.become('alive')
    const chatter = setInterval(() => websocket.sink()?.alive(), 12_000)
    onTestFinished(() => clearInterval(chatter))
    await vi.advanceTimersByTimeAsync(30_000)
    const opened = websocket.opened()
    await vi.advanceTimersByTimeAsync(10 * PACE.probeMs)
    expect(websocket.opened()).toBe(opened)
    websocket.become('dead')
    sse.become('alive')
    websocket.sink()?.lost()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(page.told.at(-1)).toEqual(['online', 'sse'])
  },
)

test('renewing replaces the connection at once', async () => {
  const [websocket, , page] = connectOver('alive', 'alive')
  await vi.advanceTimersByTimeAsync(1_000)
  page.connected.renew()
  expect(websocket.opened()).toBe(2)
  expect(websocket.closed()).toBe(1)
})

test('renewing on a phone that is offline says so at once, until anything is heard', async () => {
  const [websocket, , page] = connectOver('alive', 'alive')
  await vi.advanceTimersByTimeAsync(1_000)
  vi.stubGlobal('navigator', { onLine: false })
  onTestFinished(() => void vi.unstubAllGlobals())
  websocket.become('mute')
  page.connected.renew()
  expect(page.told.at(-1)).toEqual(['offline', 'websocket'])
  websocket.sink()?.alive()
  expect(page.told.at(-1)).toEqual(['online', 'websocket'])
})

test('a connection that is lost on a phone that is offline says so', async () => {
  const [websocket, , page] = connectOver('alive', 'alive')
  await vi.advanceTimersByTimeAsync(1_000)
  vi.stubGlobal('navigator', { onLine: false })
  onTestFinished(() => void vi.unstubAllGlobals())
  websocket.sink()?.lost()
  expect(page.told.at(-1)).toEqual(['offline', 'websocket'])
})

test('renewing makes waits short again', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.99)
  onTestFinished(() => void vi.restoreAllMocks())
  const [websocket, , page] = connectOver('brief', 'brief')
  await vi.advanceTimersByTimeAsync(120_000)
  const opened = websocket.opened()
  page.connected.renew()
  await vi.advanceTimersByTimeAsync(1_500)
  // The one that is made at once, and the next one after a wait of at most a second.
  expect(websocket.opened()).toBe(opened + 2)
})

test('renewing makes tries of a better transport frequent again', async () => {
  const [websocket, sse, page] = connectOver('dead', 'alive')
  const chatter = setInterval(() => sse.sink()?.alive(), 12_000)
  onTestFinished(() => clearInterval(chatter))
  await vi.advanceTimersByTimeAsync(10 * PACE.probeMs)
  page.connected.renew()
  await vi.advanceTimersByTimeAsync(0)
  const opened = websocket.opened()
  await vi.advanceTimersByTimeAsync(PACE.probeMs)
  expect(websocket.opened()).toBe(opened + 1)
})

test.each<[Behaviour, number]>([
  ['alive', 100],
  ['dead', 100],
  ['dead', 3_000],
  ['dead', PACE.probeMs + 4_000],
])('stopped (%s, after %i ms), it leaves nothing', async (behaviour, ms) => {
  const [websocket, sse, page] = connectOver(behaviour, 'alive')
  await vi.advanceTimersByTimeAsync(ms)
  page.connected.stop()
  expect(vi.getTimerCount()).toBe(0)
  expect([websocket.isOpen(), sse.isOpen()]).toEqual([false, false])
})

test('stopped, it can be renewed', async () => {
  const [websocket, , page] = connectOver('alive', 'alive')
  await vi.advanceTimersByTimeAsync(1_000)
  page.connected.stop()
  page.connected.renew()
  await vi.advanceTimersByTimeAsync(1_000)
  expect([websocket.opened(), websocket.isOpen()]).toEqual([2, true])
  page.connected.stop()
  expect(vi.getTimerCount()).toBe(0)
})

type Behaviour = 'alive' | 'dead' | 'mute' | 'brief' | 'throws'

/** A transport that behaves as it is told, and remembers who listens to it. */
function createTransport(first: Behaviour) {
  let behaviour = first
  let [opened, closed] = [0, 0]
  let sink: Sink | undefined
  const open: Transport = (_, listener) => {
    opened += 1
    sink = listener
    if (behaviour === 'throws') throw new ReferenceError('There is no such thing.')
    if (behaviour === 'alive' || behaviour === 'brief') void Promise.resolve().then(listener.alive)
    if (behaviour === 'brief' || behaviour === 'dead') void Promise.resolve().then(listener.lost)
    return () => {
      closed += 1
    }
  }
  return {
    open,
    sink: () => sink,
    opened: () => opened,
    closed: () => closed,
    isOpen: () => opened > closed,
    become: (next: Behaviour) => void (behaviour = next),
  }
}

function connectOver(first: Behaviour, second: Behaviour) {
  vi.useFakeTimers()
  const [websocket, sse] = [createTransport(first), createTransport(second)]
  const told: [Connection, TransportName][] = []
  const options: ConnectionOptions = {
    ...PACE,
    transports: [
      ['websocket', websocket.open],
      ['sse', sse.open],
    ],
    wanted: { base: '', authorization: '', orderId: '', after: () => 0 },
    onConnection: (...now) => told.push(now),
    result() {},
    refused() {},
    news: async () => true,
  }
  const connected = keepConnected(options)
  onTestFinished(() => {
    connected.stop()
    vi.useRealTimers()
  })
  return [websocket, sse, { connected, told }] as const
}
