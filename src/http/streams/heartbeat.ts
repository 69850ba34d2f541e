import type { WebSocket } from 'ws'
import type { StreamLimits } from '../../operations/stream-limits.ts'

/** One open socket, as far as its heart is concerned. */
export interface Patient {
  readonly socket: WebSocket
  /** When the last operation ended on it, by `performance.now()`; null while there is one. */
  idleSince(): number | null
}

/** Looks after the open sockets. */
export interface Heartbeat {
  /** Looks after this one too, until it is closed. */
  attend(patient: Patient): void
  stop(): void
}

/** Sockets that were opened together are not pinged together: each has its own turn, as exact as this part of the pause. */
const ROUNDS_PER_PAUSE = 10
const NORMAL_CLOSURE = 1000

interface State {
  isAnswered: boolean
  dueAt: number
}

/**
 * One timer for all sockets: pings each in its turn, ends those that have not answered the ping before (phones vanish
 * without a word, and every stream has a listener), and closes those on which nothing has been asked for a long time.
 */
export function startHeartbeat({ heartbeatMs, idleMs }: StreamLimits): Heartbeat {
  const patients = new Map<Patient, State>()

  function examine(patient: Patient, state: State, now: number): void {
    const { socket } = patient
    if (now < state.dueAt) return
    if (!state.isAnswered) return socket.terminate()
    state.isAnswered = false
    state.dueAt = now + heartbeatMs
    const idleSince = patient.idleSince()
    if (idleSince === null || now - idleSince < idleMs) return socket.ping()
    socket.close(NORMAL_CLOSURE, 'Nothing was asked for too long.')
  }

  const roundMs = heartbeatMs / ROUNDS_PER_PAUSE
  let lastRound = performance.now()

  const timer = setInterval(() => {
    const now = performance.now()
    const isLate = now - lastRound > 2 * roundMs
    lastRound = now
    // The process stood still: what was answered meanwhile has to be read first.
    if (isLate) return
    for (const [patient, state] of patients) examine(patient, state, now)
  }, roundMs)

  return {
    attend(patient) {
      const state = { isAnswered: true, dueAt: performance.now() + heartbeatMs }
      patients.set(patient, state)
      patient.socket.on('pong', () => void (state.isAnswered = true))
      patient.socket.once('close', () => patients.delete(patient))
    },
    stop: () => clearInterval(timer),
  }
}
