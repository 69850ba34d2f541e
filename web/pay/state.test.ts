import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PayOrder } from './order.ts'
import {
  canCheckAgain,
  canPay,
  countdownMs,
  initialState,
  isAwaitingMoney,
  type PayEvent,
  type PayState,
  PATIENCE_MS,
  reduce,
  screenOf,
} from './state.ts'

const NOW_MS = Date.UTC(2026, 0, 31, 1)
const HOUR_MS = 3_600_000

const PENDING: PayOrder = {
  id: 'o1',
  outTradeNo: 'TEA20260131-9f86d081884c',
  description: 'Longjing',
  merchantName: 'Acme Tea',
  total: 2_800,
  status: 'PENDING',
  closeReason: null,
  seq: 2,
  expiresAtMs: NOW_MS + 2 * HOUR_MS,
  paidAtMs: null,
}
const CREATED: PayOrder = { ...PENDING, status: 'CREATED', seq: 1 }
const PAID: PayOrder = { ...PENDING, status: 'PAID', seq: 3, paidAtMs: NOW_MS }
const CLOSED: PayOrder = { ...PENDING, status: 'CLOSED', closeReason: 'MERCHANT', seq: 3 }
const EXPIRED: PayOrder = { ...CLOSED, closeReason: 'EXPIRED' }

const PRESSED: PayEvent = { kind: 'payment', news: { kind: 'pressed' } }
const OK = hinted('ok')
const CANCEL = hinted('cancel')
const FAIL = hinted('fail')
const ABSENT = hinted('absent')
const BRIDGE_FOUND: PayEvent = { kind: 'payment', news: { kind: 'bridge-found' } }
const REFUSED: PayEvent = {
  kind: 'payment',
  news: { kind: 'failed', problem: { kind: 'refused', code: 'NO_AUTH' } },
}

describe('what is shown', () => {
  test.each<[string, PayEvent[]]>([
    ['loading', []],
    ['offline', [{ kind: 'connection', connection: 'reconnecting' }]],
    ['waiting', [arrived(PENDING)]],
    ['unready', [arrived(CREATED)]],
    ['unready', [arrived(CREATED), PRESSED, ABSENT]],
    ['waiting', [arrived(CREATED), arrived(PENDING)]],
    ['expired', [arrived(CREATED), at(2 * HOUR_MS)]],
    ['paying', [arrived(PENDING), PRESSED]],
    ['confirming', [arrived(PENDING), PRESSED, OK]],
    ['cancelled', [arrived(PENDING), PRESSED, CANCEL]],
    ['failed', [arrived(PENDING), PRESSED, FAIL]],
    ['failed', [arrived(PENDING), PRESSED, REFUSED]],
    ['outside', [arrived(PENDING), ABSENT]],
    ['paid', [arrived(PAID)]],
    ['closed', [arrived(CLOSED)]],
    ['closed', [arrived({ ...CLOSED, closeReason: 'PLATFORM' })]],
    ['expired', [arrived(EXPIRED)]],
    ['expired', [arrived(PENDING), PRESSED, arrived(EXPIRED)]],
    ['invalid', [{ kind: 'link-refused' }]],
    ['invalid', [arrived(PENDING), { kind: 'link-refused' }]],
    ['expired', [arrived(PENDING), at(2 * HOUR_MS)]],
  ])('%s', (screen, events) => {
    expect(screenOf(after(events))).toBe(screen)
  })
})

describe('once the order is PAID', () => {
  test('whatever else arrives, in whatever order, changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyEvent()), fc.array(anyEvent()), (before, later) => {
        const paid = after([...before, arrived(PAID)])
        expect(screenOf(paid)).toBe('paid')
        expect(later.reduce(reduce, paid)).toBe(paid)
      }),
    )
  })

  test('it does not matter that an older version of the order is known as newer', () => {
    expect(screenOf(after([arrived({ ...CLOSED, seq: 9 }), arrived(PAID)]))).toBe('paid')
  })

  test('nothing can be pressed', () => {
    const paid = after([arrived(PENDING), PRESSED, OK, arrived(PAID), at(PATIENCE_MS)])
    expect([canPay(paid), canCheckAgain(paid), countdownMs(paid)]).toEqual([false, false, null])
  })
})

describe("the phone's hints", () => {
  test('an ok is never proof', () => {
    fc.assert(
      fc.property(fc.array(anyEvent().filter((event) => event.kind !== 'order')), (events) => {
        expect(screenOf(after([arrived(PENDING), ...events]))).not.toBe('paid')
      }),
    )
  })

  test('an ok after a cancel counts', () => {
    expect(screenOf(after([arrived(PENDING), PRESSED, CANCEL, OK]))).toBe('confirming')
  })

  test('a cancel or a failure after an ok does not', () => {
    expect(screenOf(after([arrived(PENDING), PRESSED, OK, CANCEL, FAIL, ABSENT]))).toBe('confirming')
  })

  test('after an ok nobody can pay a second time', () => {
    const confirming = after([arrived(PENDING), PRESSED, OK, PRESSED, REFUSED])
    expect(canPay(confirming)).toBe(false)
  })

  test('a bridge that appears late makes paying possible', () => {
    expect(screenOf(after([arrived(PENDING), ABSENT, BRIDGE_FOUND]))).toBe('waiting')
  })

  test('a late cancel of an earlier attempt does not disturb a page that is not paying', () => {
    expect(screenOf(after([arrived(PENDING), CANCEL]))).toBe('waiting')
  })
})

describe('paying again', () => {
  test.each([
    ['cancel', CANCEL],
    ['failure', FAIL],
    ['refusal', REFUSED],
  ])('is possible after a %s', (_, end) => {
    const again = after([arrived(PENDING), PRESSED, end])
    expect(canPay(again)).toBe(true)
    expect(screenOf(reduce(again, PRESSED))).toBe('paying')
  })

  test('is not possible once the time is over', () => {
    expect(screenOf(after([arrived(PENDING), at(2 * HOUR_MS), PRESSED]))).toBe('expired')
  })
})

describe('checking again', () => {
  test('is offered after 15 seconds without news', () => {
    const confirming = after([arrived(PENDING), PRESSED, OK])
    expect(canCheckAgain(reduce(confirming, at(PATIENCE_MS - 1)))).toBe(false)
    expect(canCheckAgain(reduce(confirming, at(PATIENCE_MS)))).toBe(true)
  })

  test('frees a payer whose phone never called back', () => {
    const answered = after([arrived(PENDING), PRESSED, check('started'), check('answered')])
    expect(screenOf(answered)).toBe('waiting')
  })

  test('without an answer frees nobody', () => {
    const unanswered = after([arrived(PENDING), PRESSED, check('started'), check('unanswered')])
    expect(screenOf(unanswered)).toBe('paying')
  })

  test('does not free a payer whose phone said ok', () => {
    const answered = after([arrived(PENDING), PRESSED, OK, check('started'), check('answered')])
    expect(screenOf(answered)).toBe('confirming')
    expect(answered.isChecking).toBe(false)
  })
})

describe('time', () => {
  test("a payment that is under way outlives the order's time", () => {
    expect(screenOf(after([arrived(PENDING), PRESSED, at(3 * HOUR_MS)]))).toBe('paying')
    expect(screenOf(after([arrived(PENDING), PRESSED, OK, at(3 * HOUR_MS)]))).toBe('confirming')
  })

  test("a cancel after the order's time ends as expired", () => {
    expect(screenOf(after([arrived(PENDING), PRESSED, at(3 * HOUR_MS), CANCEL]))).toBe('expired')
  })

  test('the countdown runs in the last hour only', () => {
    expect(countdownMs(after([arrived(PENDING)]))).toBeNull()
    expect(countdownMs(after([arrived(PENDING), at(HOUR_MS)]))).toBe(HOUR_MS)
    expect(countdownMs(after([arrived(PENDING), at(2 * HOUR_MS - 1)]))).toBe(1)
    expect(countdownMs(after([arrived(PENDING), at(2 * HOUR_MS)]))).toBeNull()
  })
})

test('an answer that was overtaken by a newer one is dropped', () => {
  expect(screenOf(after([arrived(CLOSED), arrived(PENDING)]))).toBe('closed')
})

describe('an order that is closed', () => {
  test('turns to paid when the money arrives after all', () => {
    expect(screenOf(after([arrived(CLOSED), arrived({ ...PAID, seq: 4 })]))).toBe('paid')
    expect(screenOf(after([arrived(EXPIRED), arrived({ ...PAID, seq: 4 })]))).toBe('paid')
  })

  test('stays closed when the time of the link is over too', () => {
    expect(screenOf(after([arrived(CLOSED), { kind: 'link-refused' }]))).toBe('closed')
  })

  test('is asked for when the payer comes back from paying it', () => {
    expect(isAwaitingMoney(after([arrived(PENDING), PRESSED, arrived(CLOSED)]))).toBe(true)
    expect(isAwaitingMoney(after([arrived(PENDING), PRESSED, OK, arrived(EXPIRED)]))).toBe(true)
    expect(isAwaitingMoney(after([arrived(PENDING), PRESSED, CANCEL, arrived(CLOSED)]))).toBe(false)
    expect(isAwaitingMoney(after([arrived(PENDING), PRESSED, arrived(PAID)]))).toBe(false)
  })
})

test('a link that works again is believed again', () => {
  expect(screenOf(after([{ kind: 'link-refused' }, arrived(PENDING)]))).toBe('waiting')
})

function after(events: readonly PayEvent[]): PayState {
  return events.reduce(reduce, initialState(NOW_MS))
}

function arrived(order: PayOrder): PayEvent {
  return { kind: 'order', order }
}

function at(laterMs: number): PayEvent {
  return { kind: 'tick', nowMs: NOW_MS + laterMs }
}

function hinted(hint: 'ok' | 'cancel' | 'fail' | 'absent'): PayEvent {
  return { kind: 'payment', news: { kind: 'hint', hint } }
}

function check(phase: 'started' | 'answered' | 'unanswered'): PayEvent {
  return { kind: 'check', phase }
}

function anyEvent(): fc.Arbitrary<PayEvent> {
  return fc.constantFrom<PayEvent>(
    arrived(PENDING),
    arrived(CLOSED),
    PRESSED,
    OK,
    CANCEL,
    FAIL,
    ABSENT,
    BRIDGE_FOUND,
    REFUSED,
    { kind: 'link-refused' },
    { kind: 'connection', connection: 'offline' },
    check('started'),
    check('answered'),
    check('unanswered'),
    at(PATIENCE_MS),
    at(3 * HOUR_MS),
  )
}
