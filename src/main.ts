import { ConfigError, loadConfig } from './config.ts'
import { EmbeddedMongoError } from './embedded/embedded-mongo-error.ts'
import { startGateway, type Gateway } from './gateway.ts'
import { createLog } from './operations/log.ts'

/** After a signal and the pause for the balancer, what is under way has this long to end, in milliseconds. */
const SHUTDOWN_DEADLINE_MS = 10_000

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `Paybell could not start: ${String(error)}`
  const isSentence = error instanceof ConfigError || error instanceof EmbeddedMongoError
  if (isSentence || error.message.startsWith('MONGODB_URI')) return error.message
  if ('code' in error && error.code === 'EADDRINUSE') {
    return 'The port is in use: is Paybell running already? Stop it, or choose another port with PORT.'
  }
  if (error.name.startsWith('Mongo')) {
    return `The database cannot be used (${error.message}). Is MONGODB_URI right, and does the server run?`
  }
  return `Paybell could not start: ${error.stack ?? error.message}`
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
  let isStopping = false
  const stop = (): void => {
    if (isStopping) fail('Stopped at once.')
    isStopping = true
    const deadlineMs = pauseMs + SHUTDOWN_DEADLINE_MS
    setTimeout(() => fail('Stopped before everything was closed.'), deadlineMs).unref()
    gateway.close().then(
      () => process.exit(0),
      (error: unknown) => fail(`Paybell did not stop cleanly: ${String(error)}`),
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // Started by a script that has gone away: nobody could stop this process any more.
  if (process.send !== undefined) process.once('disconnect', stop)
}

try {
  const config = loadConfig()
  const log = createLog(config.logLevel)
  const gateway = await startGateway(config, log)
  stopOnSignals(gateway, config.shutdownPauseMs)
  greet(gateway)
} catch (error) {
  fail(explain(error))
}
