import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ACKNOWLEDGEMENTS, type Situation } from '../../src/notify/answers.ts'

/** Where a line of the contract is proved: a file beside this one, and the title of a test in it. */
type Proof = readonly [file: string, title: string]

const MALFORMED_TITLE = 'a notification with %s is malformed'
const UNBELIEVED_TITLE = 'a notification that %s is not believed: %s'
const PATIENCE_TITLE = 'a payment of an unknown order is asked for again for ten minutes, and then kept'

const LEFT_OUT_TITLE =
  'a notified payment that a full order leaves out is one error line, however often it is sent and wherever'
const NOISE_TITLE = 'noise of some addresses loses no genuine refusal, and delays no notification'

const PROOFS: Readonly<Record<Situation, readonly [Proof, ...Proof[]]>> = {
  APPLIED: [
    ['notify-effects', 'a verified payment marks the order paid, by the time of the platform'],
    ['notify-effects', 'a payment of %s is an anomaly, once, and the right one still pays'],
    ['notify-effects', 'a payment with %s is an anomaly, once, and never pays'],
    ['anomalies', 'money for a closed order makes it PAID, rings, and is an anomaly'],
    ['crash', 'what was answered with 204 survives kill -9 of the gateway and of the database'],
  ],
  DUPLICATE: [
    ['notify-effects', 'one notification, fifty times at once, is one event and one row'],
    ['notify-effects', 'fifty notifications of one payment at once are one event'],
    ['notification-ids', 'two payments under one id are two entries, and each has its effect'],
  ],
  IGNORED: [
    ['notify-effects', '%s is kept and ignored'],
    ['ignored-of-an-order', '%s is ignored, and found by the order that it names'],
    ['left-out-payments', LEFT_OUT_TITLE],
    ['reading-again', 'what an earlier version ignored is read again at the start, once, and pays its order'],
  ],
  UNMATCHED_RECENT: [
    ['notify-effects', PATIENCE_TITLE],
    ['notify-effects', 'a payment that was faster than its order is applied when it is sent again'],
    ['inbox', 'a payment that was faster than its order pays it the moment it is created'],
  ],
  UNMATCHED_OLD: [['notify-effects', PATIENCE_TITLE]],
  UNDECRYPTABLE: [
    ['notify-undecryptable', 'what cannot be decrypted is kept, and what is sealed rightly later is applied'],
    ['inbox', 'what could not be decrypted is applied at the next start with the right key'],
    ['replay', 'a replay decrypts with the key of today'],
  ],
  UNREADABLE: [
    ['notify-unreadable', 'a genuine notification with %s is kept, and sent again until it can be read'],
    ['reading-again', 'what could not be read is applied by the start of a version that can read it'],
  ],
  BAD_SIGNATURE: [['notify-refusals', UNBELIEVED_TITLE]],
  UNKNOWN_KEY: [
    ['notify-refusals', UNBELIEVED_TITLE],
    ['replay', 'what was refused for a key that is known now is admitted, hours later, once'],
    ['rejected-notifications', NOISE_TITLE],
  ],
  PROBE: [['notify-refusals', UNBELIEVED_TITLE]],
  STALE_TIMESTAMP: [
    ['notify-refusals', UNBELIEVED_TITLE],
    ['notify-refusals', 'a clock that is %i s away is near enough'],
    ['rejected-notifications', NOISE_TITLE],
  ],
  MALFORMED: [['notify-refusals', MALFORMED_TITLE]],
  UNSIGNED: [
    ['notify-refusals', 'a notification without %s is refused and not kept'],
    [
      'rejected-notifications',
      'posts without signature headers write nothing, however many and large they are',
    ],
  ],
  BODY_INCOMPLETE: [
    ['notify-interrupted', 'a callback that breaks off is kept nowhere, and its next delivery counts'],
  ],
  UNKNOWN_MERCHANT: [['notify-refusals', 'there is no merchant %s']],
  TOO_LARGE: [['notify-refusals', 'a body of 64 KiB is read, and one byte more is not']],
  UNAVAILABLE: [
    [
      'database-outage',
      'while the database stands still everything is answered 503 in time, and applied when it goes on',
    ],
    [
      'database-outage',
      'when the database is killed, what was answered 204 is kept, and the rest is applied by the retries',
    ],
    [
      'primary-stepdown',
      'when the write of %s %s, a notification is not acknowledged, and its next delivery is applied once',
    ],
    ['notify-interrupted', 'a gateway that is shutting down takes nothing in, and the next one does'],
  ],
}

function isSituation(name: string): name is Situation {
  return name in ACKNOWLEDGEMENTS
}

function situations(): readonly Situation[] {
  return Object.keys(ACKNOWLEDGEMENTS).filter(isSituation)
}

function pathOf(file: string): string {
  return `test/journeys/${file}.test.ts`
}

const proofs = Object.values(PROOFS).flat()

test.each(proofs)('%s proves that %s', async (file, title) => {
  const source = await readFile(join(import.meta.dirname, '../..', pathOf(file)), 'utf8')
  const quoted = [`'${title}'`, `"${title}"`].map((text) =>
    text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
  )
  expect(source).toMatch(new RegExp(String.raw`\(\s*(?:${quoted.join('|')}),\s*async`))
})

function linkTo([file, title]: Proof): string {
  return `[${title.replaceAll(/%[is]/g, '…')}](../${pathOf(file)})`
}

function proofsIn(situation: Situation): string {
  return PROOFS[situation].map(linkTo).join('<br>')
}

function row(situation: Situation): string {
  const { status, when, kept, order } = ACKNOWLEDGEMENTS[situation]
  const answer = status < 300 ? String(status) : `${status} FAIL`
  return `| ${[`\`${situation}\``, when, answer, kept, order, proofsIn(situation)].join(' | ')} |`
}

const INTRODUCTION = `# The acknowledgement contract

What the platforms are answered when they post a notification, and what is on disk before they are. A 2XX tells the
platform that it need not come again, so it is sent only when the exact bytes, the headers, the verdict and what they
changed are in the journal of the majority; anything else makes the platform come again on its schedule. The answer
leaves within four seconds, because the platform waits five. The body of a FAIL is \`{"code":"FAIL","message":"…"}\`, and
its message is one sentence that reveals nothing secret; a 204 has no body.

This page is made of \`ACKNOWLEDGEMENTS\` in \`src/notify/answers.ts\`, which is also what the gateway answers from, by
\`test/journeys/acknowledgement.test.ts\`, which fails when the two differ or when a proof is gone.

| situation | when | answer | kept | order | proved by |
|---|---|---|---|---|---|
`

test('the page about acknowledgements says what the gateway does', async () => {
  const page = `${INTRODUCTION}${situations().map(row).join('\n')}\n`
  await expect(page).toMatchFileSnapshot('../../docs/acknowledgement.md')
})
