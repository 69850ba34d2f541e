import type { Sink, Transport, Wanted } from './transport.ts'

/** What is attempted, within which limits (in milliseconds), and who takes what is told. */
export interface AttemptOptions extends Pick<Sink, 'result' | 'news' | 'refused'> {
  readonly wanted: Wanted
  /** Within this time a new connection must give a sign of life. */
  readonly connectMs: number
  /** A connection from which nothing was heard for so long is given up; the gateway's pings come every 12 seconds. */
  readonly silenceMs: number
}

/** What became of an attempt. */
export interface Outcome {
  /** The first sign of life. */
  readonly up: () => void
  /** It is over. For how long it had been up, in milliseconds; null when it never was. */
  readonly down: (wasUpMs: number | null) => void
}

/**
 * Opens one connection and watches over its silence: mobile networks swallow packets without closing anything.
 * @returns how to end it without a word
 */
export function attempt(transport: Transport, options: AttemptOptions, outcome: Outcome): () => void {
  let upAt: number | null = null
  let isOver = false
  let close: (() => void) | undefined
  let timer = setTimeout(lost, options.connectMs)

  function stop(): void {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    close?.()
  }

  function lost(): void {
    if (isOver) return
    stop()
    outcome.down(upAt === null ? null : Date.now() - upAt)
  }

  function alive(): void {
    if (isOver) return
    clearTimeout(timer)
    timer = setTimeout(lost, options.silenceMs)
    if (upAt !== null) return
    upAt = Date.now()
    outcome.up()
  }

  const sink: Sink = {
    alive,
    lost,
    result: (result) => isOver || options.result(result),
    news: async () => !isOver && options.news(),
    refused: () => isOver || options.refused(),
  }
  try {
    close = transport(options.wanted, sink)
  } catch {
    clearTimeout(timer)
    timer = setTimeout(lost, 0)
  }
  return stop
}
