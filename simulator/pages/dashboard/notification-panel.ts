import { actionButton, badge, element } from './elements.ts'
import { faultName } from './fault-words.ts'
import { formatTime, formatWait } from './format.ts'
import type { Attempt, Notification } from './model.ts'
import { texts } from './texts.ts'

const tones = { PENDING: 'wait', DELIVERED: 'good', GAVE_UP: 'bad', LOST: 'bad' } as const

const isAccepted = ({ status, verdict }: Attempt): boolean =>
  verdict === undefined && (status === 200 || status === 204)

function attemptRow(attempt: Attempt): HTMLElement {
  const { status, answer, error } = attempt
  const code = status === undefined ? texts.noAnswer : String(status)
  const said = error ?? (answer === undefined || answer === '' ? texts.noBody : answer)
  const manual = attempt.manual ? badge('quiet', texts.manual) : undefined
  return element(
    'li',
    {},
    element('time', { datetime: attempt.at }, formatTime(attempt.at)),
    badge(isAccepted(attempt) ? 'good' : 'bad', code),
    manual,
    attempt.fault === undefined ? undefined : badge('wait', faultName(attempt.fault)),
    element('span', { class: 'took' }, `${attempt.milliseconds} ms`),
    element('code', {}, said),
  )
}

/** Writes how long each wait still is; the rest of the page changes only when the simulator says so. */
export function writeWaits(): void {
  for (const wait of document.querySelectorAll<HTMLElement>('[data-due]')) {
    const due = wait.dataset['due'] ?? ''
    wait.textContent = texts.next(formatWait(due, Date.now()))
  }
}

/** One notification: how its delivery stands, each attempt, newest first, and a button to send it now. */
export function notificationPanel(notification: Notification): HTMLElement {
  const { id, state, attempts, nextAttemptAt } = notification
  const wait = nextAttemptAt === undefined ? undefined : element('span', { 'data-due': nextAttemptAt })
  const path = `/sandbox/notifications/${encodeURIComponent(id)}/redeliver`
  return element(
    'section',
    { class: 'notification', 'data-testid': `notification-${id}` },
    element(
      'div',
      { class: 'head' },
      element(
        'div',
        { class: 'name' },
        element('h4', {}, `${texts.notification} ${notification.eventType}`),
        element('p', {}, texts.attempts(attempts.length), wait && ' · ', wait),
      ),
      badge(tones[state], texts[state]),
      actionButton(texts.redeliver, {
        action: { method: 'POST', path },
        testId: 'redeliver',
        look: 'secondary',
      }),
    ),
    element('ol', { class: 'attempts' }, ...[...attempts].reverse().map(attemptRow)),
  )
}
