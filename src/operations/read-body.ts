import type { IncomingMessage } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { clientAddress } from './client-address.ts'
import { collectBody, type Collected } from './collect-body.ts'
import { createCounter } from './counter.ts'

/** Why there are no bytes; `too-many` and `busy`: the budget of the address, or of all, is used up. */
export type BodyRefusal = Exclude<Collected, Buffer> | 'too-many' | 'busy'

/** The exact bytes of a request, or why there are none. */
export type Body = Buffer | BodyRefusal

/**
 * Reads the body of a request once, as it came, up to `maxBytes`. After anything but a buffer the rest of the body is
 * not read, so the answer has to close the connection.
 */
export type ReadBody = (request: IncomingMessage, maxBytes: number) => Promise<Body>

/** What unfinished bodies may take together, in bytes. */
export interface BodyBudget {
  readonly bytes: number
  readonly bytesPerAddress: number
}

/** What an unfinished request and its connection cost beside the bytes of the body: about 11 KiB were measured. */
const REQUEST_BYTES = 16 * 1024

/** An unfinished body that is older than this can be given up for a new one, in milliseconds. */
const STALLED_MS = 2000

interface Unfinished {
  readonly address: string
  readonly bytes: number
  readonly since: number
  readonly giveUp: AbortController
}

const NEVER = new AbortController().signal

/** The most bytes that a body can have by its head. */
function mostBytes({ headers }: IncomingMessage, maxBytes: number): number {
  const length = headers['content-length']
  if (length !== undefined) return Number(length)
  return headers['transfer-encoding'] === undefined ? 0 : maxBytes
}

/** The reservations of unfinished bodies, oldest first. */
function createReservations(budget: BodyBudget) {
  const bodies = new Set<Unfinished>()
  const ofAddress = createCounter<string>()
  let total = 0

  function remove(body: Unfinished): void {
    if (!bodies.delete(body)) return
    ofAddress.remove(body.address, body.bytes)
    total -= body.bytes
  }

  /** Gives up stalled bodies, oldest first, until `fits`. False when there are not enough. */
  function giveUpStalled(fits: () => boolean, isCandidate: (body: Unfinished) => boolean): boolean {
    const stalledBefore = performance.now() - STALLED_MS
    for (const body of bodies) {
      if (fits()) return true
      if (body.since > stalledBefore) return false
      if (!isCandidate(body)) continue
      remove(body)
      body.giveUp.abort()
    }
    return fits()
  }

  function add(address: string, bytes: number): Unfinished | 'too-many' | 'busy' {
    const fitsAddress = (): boolean => ofAddress.of(address) + bytes <= budget.bytesPerAddress
    const fitsAll = (): boolean => total + bytes <= budget.bytes
    if (!giveUpStalled(fitsAddress, (other) => other.address === address)) return 'too-many'
    if (!giveUpStalled(fitsAll, () => true)) return 'busy'
    const body = { address, bytes, since: performance.now(), giveUp: new AbortController() }
    bodies.add(body)
    ofAddress.add(address, bytes)
    total += bytes
    return body
  }

  return { add, remove }
}

/** What is still sent is thrown away. */
function refuse(request: IncomingMessage, refusal: BodyRefusal): BodyRefusal {
  request.resume()
  return refusal
}

/**
 * Creates a reader with a budget of its own. Until it has arrived, a body reserves the length that its head announces, or
 * `maxBytes` when its length is not announced.
 */
export function createBodyReader(budget: BodyBudget, trustedProxies: number): ReadBody {
  const reservations = createReservations(budget)

  return async function readBody(request, maxBytes) {
    const most = mostBytes(request, maxBytes)
    if (most > maxBytes) return refuse(request, 'too-large')
    // What arrived together with its head is parsed by then. It reserves nothing, so no unfinished body can keep it out.
    await setImmediate()
    if (request.complete) return collectBody(request, maxBytes, NEVER)
    const body = reservations.add(clientAddress(request, trustedProxies), REQUEST_BYTES + most)
    if (typeof body === 'string') return refuse(request, body)
    const collected = await collectBody(request, maxBytes, body.giveUp.signal)
    reservations.remove(body)
    return body.giveUp.signal.aborted ? 'busy' : collected
  }
}
