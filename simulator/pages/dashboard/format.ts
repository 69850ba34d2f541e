import { language, texts } from './texts.ts'

const moment = new Intl.DateTimeFormat(language(), {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})

/** Fen as yuan, e.g. `¥0.01`. */
export const formatFen = (fen: number): string => {
  const digits = String(fen).padStart(3, '0')
  return `¥${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** A moment in the viewer's own time zone. */
export const formatTime = (iso: string): string => moment.format(new Date(iso))

/** How long until a moment, e.g. `in 14 s` or `in 2 h 5 min`. */
export function formatWait(iso: string, now: number): string {
  const seconds = Math.ceil((new Date(iso).getTime() - now) / 1000)
  if (seconds <= 0) return texts.sending
  if (seconds < 60) return texts.within(`${seconds} s`)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return texts.within(`${minutes} min ${seconds % 60} s`)
  return texts.within(`${Math.floor(minutes / 60)} h ${minutes % 60} min`)
}
