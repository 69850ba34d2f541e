/** What became of the attempt to start a database process. */
export type StartReport =
  | { readonly kind: 'ready' }
  /** Another process has the database open. */
  | { readonly kind: 'locked' }
  /** `reason` is a sentence for the operator. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Writes a report as one line of JSON. */
export function formatReport(report: StartReport): string {
  return `${JSON.stringify(report)}\n`
}

/** Reads a report; undefined when the text holds none, which means that the process ended before it could report. */
export function parseReport(text: string): StartReport | undefined {
  if (!text.endsWith('\n')) return undefined
  const report: unknown = JSON.parse(text)
  if (typeof report !== 'object' || report === null || !('kind' in report)) return undefined
  if (report.kind === 'ready' || report.kind === 'locked') return { kind: report.kind }
  return { kind: 'failed', reason: 'reason' in report ? String(report.reason) : 'no reason was given' }
}
