import { EventEmitter } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { DEFAULT_STREAM_LIMITS } from '../../operations/stream-limits.ts'
import { startHeartbeat } from './heartbeat.ts'

const PAUSE_MS = 1000

/** A heartbeat by the clock of the test, and one socket whose client answers pings as long as it is told to. */
function oneSocket() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let now = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const heartbeat = startHeartbeat({ ...DEFAULT_STREAM_LIMITS, heartbeatMs: PAUSE_MS })
  onTestFinished(() => {
    heartbeat.stop()
    clock.mockRestore()
    vi.useRealTimers()
  })
  const said: string[] = []
  let isAnswering = true
  const socket = Object.assign(new EventEmitter(), {
    ping() {
      said.push('ping')
      if (isAnswering) socket.emit('pong')
    },
    terminate: () => void said.push('terminate'),
    close: () => void said.push('close'),
  })
  heartbeat.attend({ socket: socket as unknown as WebSocket, idleSince: () => null })
  return {
    said,
    socket,
    fallSilent: () => void (isAnswering = false),
    pass(milliseconds: number) {
      for (let passed = 0; passed < milliseconds; passed += PAUSE_MS / 10) {
        now += PAUSE_MS / 10
        vi.advanceTimersByTime(PAUSE_MS / 10)
      }
    },
    /** The process does nothing for so long; its timer runs once afterwards. */
    standStill(milliseconds: number) {
      now += milliseconds
      vi.advanceTimersByTime(PAUSE_MS / 10)
    },
  }
}

test('one that answers is pinged on and on, and one that does not is ended at its next turn', () => {
  const { said, pass, fallSilent } = oneSocket()
  pass(3 * PAUSE_MS)
  expect(said).toEqual(['ping', 'ping', 'ping'])
  fallSilent()
  pass(2 * PAUSE_MS)
  expect(said.slice(3)).toEqual(['ping', 'terminate'])
})

test('after the process stood still, what was answered meanwhile is read before anybody is given up', () => {
  const { said, pass, fallSilent, socket, standStill } = oneSocket()
  fallSilent()
  pass(PAUSE_MS)
  standStill(30 * PAUSE_MS)
  expect(said).toEqual(['ping'])
  socket.emit('pong')
  pass(PAUSE_MS / 10)
  expect(said).toEqual(['ping', 'ping'])
})

test('one that was closed is not looked after any more', () => {
  const { said, pass, socket } = oneSocket()
  socket.emit('close')
  pass(3 * PAUSE_MS)
  expect(said).toEqual([])
})
