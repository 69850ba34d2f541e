import { expect, test } from 'vitest'
import { formatYuan } from './yuan.ts'

test.each([
  [0, '¥0.00'],
  [1, '¥0.01'],
  [10, '¥0.10'],
  [99, '¥0.99'],
  [100, '¥1.00'],
  [2_880, '¥28.80'],
  [123_456, '¥1234.56'],
  [100_000_000, '¥1000000.00'],
  [9_007_199_254_740_991, '¥90071992547409.91'],
  [-1, '-¥0.01'],
])('%i fen are %s', (fen, yuan) => {
  expect(formatYuan(fen)).toBe(yuan)
})
