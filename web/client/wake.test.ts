import { expect, onTestFinished, test, vi } from 'vitest'
import { isUnseen, onWake } from './wake.ts'

/** A page, and how often it has been woken. */
function openPage() {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  const frame = new EventTarget()
  vi.stubGlobal('document', page)
  vi.stubGlobal('window', frame)
  onTestFinished(() => void vi.unstubAllGlobals())
  let woken = 0
  const stop = onWake(() => (woken += 1))
  return {
    stop,
    woken: () => woken,
    become(visibilityState: 'visible' | 'hidden') {
      page.visibilityState = visibilityState
      page.dispatchEvent(new Event('visibilitychange'))
    },
    happen: (name: string, more: object = {}) =>
      void frame.dispatchEvent(Object.assign(new Event(name), more)),
  }
}

test.each([
  ['the phone finds a network', 'online', {}],
  ['the phone loses its network', 'offline', {}],
  ['the page comes out of the cache of the browser', 'pageshow', { persisted: true }],
])('a page is woken when %s', (_what, name, more) => {
  const { woken, happen } = openPage()
  happen(name, more)
  expect(woken()).toBe(1)
})

test('a page is woken when it is seen again, and not when it is hidden', () => {
  const { woken, become } = openPage()
  become('hidden')
  expect([woken(), isUnseen()]).toEqual([0, true])
  become('visible')
  expect([woken(), isUnseen()]).toEqual([1, false])
})

test('the loading of a page does not wake it', () => {
  const { woken, happen } = openPage()
  happen('pageshow', { persisted: false })
  expect(woken()).toBe(0)
})

test('a page that has been left alone is not woken any more', () => {
  const { woken, happen, become, stop } = openPage()
  stop()
  for (const name of ['online', 'offline']) happen(name)
  happen('pageshow', { persisted: true })
  become('visible')
  expect(woken()).toBe(0)
})

test('where there is no page, nothing wakes and somebody always looks', () => {
  expect(isUnseen()).toBe(false)
  expect(() => onWake(() => undefined)()).not.toThrow()
})
