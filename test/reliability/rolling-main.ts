/** `npm run rolling -- --restarts 40 --seed 7`: many rolling restarts under load, and what they came to. */
import { parseArgs } from 'node:util'
import { describe } from './figures.ts'
import { runRolling, type Restart } from './rolling-harness.ts'

const { values } = parseArgs({
  options: { restarts: { type: 'string', default: '20' }, seed: { type: 'string' } },
})
const restarts = Number(values.restarts)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printRestart({ number, port, stoppedAt, stopMs, startMs, exitCode }: Restart): void {
  print(
    `${number} port ${port}, ${stoppedAt.toISOString()}: gone after ${stopMs} ms (exit code ${exitCode}), ready after ${startMs} ms`,
  )
}

print(`Rolling restarts: ${restarts}, seed ${seed}.`)
const report = await runRolling({ restarts, seed, onRestart: printRestart })
const { lost, repeated, wrong, failed } = report
describe(report).forEach(print)
print(
  `Seed ${seed}. Lost: ${lost.length}. Repeated: ${repeated.length}. Failed notifications: ${failed.length}. ` +
    `Otherwise wrong: ${wrong.length}.`,
)
const all = [...lost, ...repeated, ...failed, ...wrong]
for (const sentence of all) print(`  ${sentence}`)
if (all.length > 0) process.exitCode = 1
