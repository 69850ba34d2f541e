const shanghaiOffsetMs = 8 * 60 * 60 * 1000

/** Tells the time; passed in, so that a test can choose it. */
export type Clock = () => Date

/** RFC 3339 in China's time zone to the second, e.g. `2026-01-01T00:00:00+08:00`. */
export const toChinaTime = (date: Date): string =>
  `${new Date(date.getTime() + shanghaiOffsetMs).toISOString().slice(0, 19)}+08:00`

/** Digits of a moment in China's time zone, `yyyyMMddHHmmss`. */
export const toChinaDigits = (date: Date): string => toChinaTime(date).slice(0, 19).replaceAll(/[-T:]/g, '')

/** Unix seconds of a moment. */
export const toUnixSeconds = (date: Date): number => Math.floor(date.getTime() / 1000)
