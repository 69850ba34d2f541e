/**
 * Writes an amount in fen as yuan, e.g. `1` as `¥0.01` and `123456` as `¥1234.56`. Digits are moved, nothing is divided,
 * so no amount is ever rounded.
 * @param fen a whole number of fen
 */
export function formatYuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  const sign = fen < 0 ? '-' : ''
  return `${sign}¥${digits.slice(0, -2)}.${digits.slice(-2)}`
}
