import { expect, test } from 'vitest'
import { createRejectionAllowance, type RejectionWrite } from './rejection-allowance.ts'

const KIB = 1024
const DAY_SECONDS = 24 * 60 * 60

const each = (index: number): string => `10.0.${index >> 8}.${index & 255}`

function allowance() {
  const clock = { ms: 0 }
  const mayWrite = createRejectionAllowance(() => clock.ms)
  /** Tries so many times, and counts the bytes that were allowed. */
  function written(times: number, write: (index: number) => Partial<RejectionWrite>): number {
    let bytes = 0
    for (let index = 0; index < times; index += 1) {
      const wanted = {
        merchantId: 'acme',
        signature: 'invalid',
        source: '192.0.2.1',
        bytes: 4 * KIB,
        ...write(index),
      } as const
      if (mayWrite(wanted)) bytes += wanted.bytes
    }
    return bytes
  }
  return { mayWrite, written, pass: (seconds: number) => void (clock.ms += seconds * 1000) }
}

function noise(index: number) {
  return { merchantId: `m${index % 7}`, signature: 'invalid' } as const
}

test('one address has a small allowance of each kind for all that it sends to anybody', () => {
  const { written, pass } = allowance()
  expect(written(1000, noise)).toBe(48 * KIB)
  pass(20)
  expect(written(1000, noise)).toBe(20 * KIB)
  expect(written(1000, (index) => ({ ...noise(index), signature: 'key-unknown' }))).toBe(48 * KIB)
})

test('while one address uses up what it may, others are written for the same merchant', () => {
  const { written, pass } = allowance()
  for (let second = 0; second < 60; second += 1) {
    written(100, () => ({ signature: 'key-unknown' }))
    pass(1)
  }
  expect(written(1, () => ({ signature: 'key-unknown', source: '198.51.100.7' }))).toBe(4 * KIB)
  expect(written(1, () => ({ source: '198.51.100.7' }))).toBe(4 * KIB)
})

test('noise from any number of addresses takes nothing from unknown keys, nor these from signed messages', () => {
  const { written } = allowance()
  expect(written(5000, (index) => ({ source: each(index), merchantId: `m${index}` }))).toBe(256 * KIB)
  const unknown = { signature: 'key-unknown' } as const
  expect(written(1, () => ({ ...unknown, source: 'x' }))).toBe(4 * KIB)
  expect(written(5000, (index) => ({ ...unknown, source: each(index), merchantId: `m${index}` }))).toBe(
    508 * KIB,
  )
  expect(written(1, () => ({ signature: 'valid', source: 'message a' }))).toBe(4 * KIB)
})

test('noise for one merchant leaves room for the others', () => {
  const { written } = allowance()
  expect(written(5000, (index) => ({ source: `a${index}` }))).toBe(192 * KIB)
  expect(written(1, () => ({ source: 'b', merchantId: 'brew' }))).toBe(4 * KIB)
})

test('what is refused by one allowance takes nothing from another', () => {
  const { written } = allowance()
  written(5000, (index) => ({ source: `a${index}` }))
  // The merchant's allowance is used up, so this address still has its own for another merchant.
  expect(written(100, () => ({ source: 'b' }))).toBe(0)
  expect(written(100, () => ({ source: 'b', merchantId: 'brew' }))).toBe(48 * KIB)
})

test('in a day strangers have at most 24 kB a second written, whatever they send', () => {
  const { written, pass } = allowance()
  let bytes = 0
  for (let second = 0; second < DAY_SECONDS; second += 60) {
    for (const signature of ['invalid', 'key-unknown'] as const) {
      bytes += written(200, (index) => ({
        signature,
        bytes: 17 * KIB,
        source: `${second} ${index}`,
        merchantId: `m${index % 50}`,
      }))
    }
    pass(60)
  }
  expect(bytes / DAY_SECONDS).toBeLessThan(25 * KIB)
})
