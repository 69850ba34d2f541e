import { loadConfig } from './config.ts'
import { startGateway, type Gateway } from './gateway.ts'
import { createLog } from './operations/log.ts'
import { loggedError } from './operations/logged-error.ts'
import { startSentence } from './start-sentence.ts'

/** After a signal and the pause for the balancer, what is under way has this long to end, in milliseconds. */
const SHUTDOWN_DEADLINE_MS = 10_000

/**
 * One Ctrl-C arrives up to three times: the terminal signals every process, npm sends it on, and so does `npm start`'s own
 * script. What comes within this time after the first signal, in milliseconds, is the same wish; later, it is impatience.
 */
const SAME_WISH_MS = 1000

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function greet({ url, sandbox }: Gateway): void {
  if (sandbox === undefined) return print(`Paybell listens on ${url} (playground: ${url}/graphql).`)
  print(`
Paybell is running as a sandbox: no merchant is configured, and no money moves.

  Demo shop    ${sandbox.shopUrl}
  Playground   ${url}/graphql
  Simulator    ${sandbox.simulatorUrl}
  Gateway      ${url}

Try a payment: open the demo shop, buy a tea, press Pay, confirm in the cashier sheet,
and see the page turn to "paid" the moment the notification arrives.

  Merchant key  ${sandbox.merchantKey}
  Operator key  ${sandbox.operatorKey}
  (send as "Authorization: Bearer <key>"; the playground has the merchant key filled in)

Ctrl-C stops everything.
`)
}

function stopOnSignals(gateway: Gateway, pauseMs: number): void {
  let firstAt: number | undefined
  const stop = (): void => {
    const at = performance.now()
    if (firstAt !== undefined) {
      if (at - firstAt > SAME_WISH_MS) fail('Stopped at once.')
      return
    }
    firstAt = at
    const deadlineMs = pauseMs + SHUTDOWN_DEADLINE_MS
    setTimeout(() => fail('Stopped before everything was closed.'), deadlineMs).unref()
    gateway.close().then(
      () => {
        print('Stopped.')
        process.exit(0)
      },
      (error: unknown) => fail(`Paybell did not stop cleanly: ${String(error)}`),
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // Started by a script that has gone away: nobody could stop this process any more.
  if (process.send !== undefined) process.once('disconnect', stop)
}

/** Node's default would print all properties of the error, such as a packet or a document. */
function failOn(error: unknown): never {
  return fail(`Paybell stopped because of an unexpected error: ${JSON.stringify(loggedError(error))}`)
}

process.on('uncaughtException', failOn)

try {
  const config = loadConfig()
  const log = createLog(config.logLevel)
  const gateway = await startGateway(config, log)
  stopOnSignals(gateway, config.shutdownPauseMs)
  greet(gateway)
} catch (error) {
  fail(startSentence(error))
}
