/** `npm run chaos -- --seconds 120 --seed 7`: a long run of the chaos harness, and what it came to. */
import { parseArgs } from 'node:util'
import { runChaos } from './chaos-harness.ts'
import { describe } from './figures.ts'
import type { Misfortune } from './misfortune.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string' } },
})
const seconds = Number(values.seconds)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printMisfortune({ kind, share, downMs }: Misfortune): void {
  const isKill = kind !== 'cut' && kind !== 'database'
  print(
    `${kind}${kind === 'cut' ? ` ${Math.round(share * 100)} %` : ''}${isKill ? `, away for ${downMs} ms` : ''}`,
  )
}

print(`Chaos: ${seconds} s, seed ${seed}.`)
const report = await runChaos({ seconds, seed, onMisfortune: printMisfortune })
const { misfortunes, cuts, lost, repeated, wrong } = report
print(
  `${Object.entries(misfortunes)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')}; ${cuts} connections cut.`,
)
describe(report).forEach(print)
print(`Seed ${seed}. Lost: ${lost.length}. Repeated: ${repeated.length}. Otherwise wrong: ${wrong.length}.`)
for (const sentence of [...lost, ...repeated, ...wrong]) print(`  ${sentence}`)
if (lost.length + repeated.length + wrong.length > 0) process.exitCode = 1
