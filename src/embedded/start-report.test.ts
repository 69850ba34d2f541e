import { expect, test } from 'vitest'
import { formatReport, parseReport } from './start-report.ts'
import type { StartReport } from './start-report.ts'

test.each<StartReport>([{ kind: 'ready' }, { kind: 'locked' }, { kind: 'failed', reason: 'It is raining.' }])(
  'a report of %o is read as it was written, in one line',
  (report) => {
    expect(formatReport(report)).toMatch(/^[^\n]+\n$/)
    expect(parseReport(formatReport(report))).toEqual(report)
  },
)

test('a process that ended before its report was complete gave none', () => {
  expect(parseReport('')).toBeUndefined()
  expect(parseReport('{"kind":"rea')).toBeUndefined()
})
