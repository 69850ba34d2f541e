/** Whether nobody looks at the page at the moment; where there is no page, somebody always does. */
export function isUnseen(): boolean {
  return typeof document !== 'undefined' && document.visibilityState === 'hidden'
}

/**
 * Calls back whenever the page may have missed something: it is seen again, it comes out of the browser's cache, or the
 * phone has a network again; and when the phone loses its network, so that the page can say so. Where there is no page, it never calls. Returns how to stop it.
 */
export function onWake(wake: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const whenVisible = (): void => {
    if (document.visibilityState === 'visible') wake()
  }
  // The first `pageshow` of a page is its loading, which needs no second one.
  const whenRestored = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) wake()
  }
  document.addEventListener('visibilitychange', whenVisible)
  window.addEventListener('pageshow', whenRestored)
  window.addEventListener('online', wake)
  window.addEventListener('offline', wake)
  return () => {
    document.removeEventListener('visibilitychange', whenVisible)
    window.removeEventListener('pageshow', whenRestored)
    window.removeEventListener('online', wake)
    window.removeEventListener('offline', wake)
  }
}
