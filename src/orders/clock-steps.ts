/** Detects that a clock was set back. */
export interface ClockSteps {
  /** How far the clock was set back since the last call, in milliseconds; 0 when it was not, or by less than skew. */
  setBackMs(): number
}

/** By less than this, in milliseconds, a clock is also corrected while it is right. */
const MIN_STEP_MS = 5000

/** Compares a clock with one that only goes forward, in milliseconds. */
export function createClockSteps(now: () => Date, elapsedMs: () => number): ClockSteps {
  const lead = (): number => now().getTime() - elapsedMs()
  let last = lead()
  return {
    setBackMs() {
      const current = lead()
      const setBack = last - current
      last = current
      return setBack >= MIN_STEP_MS ? setBack : 0
    },
  }
}
