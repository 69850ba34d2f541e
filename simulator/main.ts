import { pino } from 'pino'
import { demoInstructions, prepareDemoMerchant } from './demo-merchant.ts'
import type { DemoMerchant } from './demo-merchant.ts'
import { loggedError } from './log.ts'
import { readSettings, SettingsError } from './settings.ts'
import type { Settings } from './settings.ts'
import { createSimulator } from './simulator.ts'
import type { Simulator } from './simulator.ts'
import { writePrivately } from './storage.ts'

const print = (text: string): boolean => process.stdout.write(`${text}\n`)

/** The sentence for a start that failed in a way that a person can mend. */
function explain(cause: unknown): string {
  if (cause instanceof SettingsError) {
    return `The simulator cannot start:\n${cause.mistakes.map((line) => `  ${line}`).join('\n')}`
  }
  const fact = (name: string): unknown => (cause instanceof Error ? Reflect.get(cause, name) : undefined)
  if (fact('code') === 'EADDRINUSE') {
    const place = `port ${String(fact('port'))} of ${String(fact('address'))}`
    return `The simulator cannot start: ${place} is in use. Stop what listens there, or set SIMULATOR_PORT.`
  }
  return `The simulator cannot start: ${cause instanceof Error ? cause.message : String(cause)}`
}

/** Stops on a signal, or when the process that started this one goes away. */
function stopWhenAsked(simulator: Simulator): void {
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    simulator.close().then(
      () => process.exit(0),
      (cause: unknown) => {
        process.stderr.write(`The simulator did not stop cleanly: ${String(cause)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
  const parentIsGone = process.send !== undefined && !process.connected
  if (parentIsGone) stop()
}

async function announce(simulator: Simulator, demo: DemoMerchant | undefined): Promise<void> {
  print(`Payment simulator: ${simulator.url}`)
  if (demo) {
    await writePrivately(demo.files.platformPublicKey, simulator.platformKey.publicKeyPem)
    print(demoInstructions(demo, simulator.url, simulator.platformKey.id))
  }
  const { url, platformKey } = simulator
  // A parent that goes away at this moment is noticed by the disconnection.
  if (process.connected) process.send?.({ kind: 'listening', url, platformKey }, () => undefined)
}

async function findMerchants(settings: Settings): Promise<DemoMerchant | undefined> {
  if (settings.merchants !== undefined || settings.dataDir === undefined) return undefined
  return prepareDemoMerchant(settings.dataDir)
}

async function main(): Promise<void> {
  // oxlint-disable-next-line node/no-process-env -- the process entry is where the environment is read
  const settings = await readSettings(process.env)
  const demo = await findMerchants(settings)
  const simulator = await createSimulator({
    merchants: settings.merchants ?? (demo ? [demo.merchant] : []),
    host: settings.host,
    port: settings.port,
    publicUrl: settings.publicUrl,
    signWith: settings.signWith,
    notifyTimeFactor: settings.timeFactor,
    answerSeconds: settings.answerSeconds,
    dataDir: settings.dataDir,
    log: pino({ name: 'simulator', serializers: { err: loggedError } }, pino.destination(2)),
  })
  stopWhenAsked(simulator)
  await announce(simulator, demo)
}

main().catch((cause: unknown) => {
  process.stderr.write(`${explain(cause)}\n`)
  process.exit(1)
})
