/** The longest time that Node's timers take, in milliseconds (about 24.8 days): beyond it they overflow and fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1
