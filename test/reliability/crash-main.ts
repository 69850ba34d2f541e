/** `npm run crash -- --rounds 200 --seed 7`: many rounds of the crash harness, and a table of what they came to. */
import { parseArgs } from 'node:util'
import { runCrashRounds, type CrashReport, type RoundReport } from './crash-harness.ts'
import { POINTS, type Victim, type Way } from './crash-plan.ts'

const VICTIMS: readonly Victim[] = ['gateway', 'database', 'both', 'platform']

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string' } },
})
const rounds = Number(values.rounds)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printRound({ number, plan, strikes, isFoundAgain, findings, seconds }: RoundReport): void {
  const { way, kill, relapse, copies, isPaid, end } = plan
  const isEnding = way === 'close' || way === 'expire'
  const extras = [
    strikes === 0 && 'NOT REACHED',
    relapse && strikes > 1 && `then ${relapse.victim} ${relapse.point}`,
    copies > 1 && `${copies} copies`,
    !isPaid && 'unpaid',
    isEnding && end.isInDoubt && 'in doubt',
    isEnding && end.isPaidMeanwhile && 'paid meanwhile',
    way === 'close' && !end.isRepeated && 'called once',
    isFoundAgain && 'found again',
    ...Object.values(findings).flat(),
  ].filter(Boolean)
  print(
    `${number} ${way}: ${kill.victim} ${kill.point} (${[...extras, `${seconds.toFixed(1)} s`].join('; ')})`,
  )
}

function printTable({ rounds }: CrashReport): void {
  print(`| way | place | ${VICTIMS.join(' | ')} |\n|---|---|${VICTIMS.map(() => '---:|').join('')}`)
  for (const [way, points] of Object.entries(POINTS) as [Way, readonly string[]][]) {
    for (const point of points) {
      const here = rounds.filter(({ plan }) => plan.way === way && plan.kill.point === point)
      const counts = VICTIMS.map((victim) => here.filter(({ plan }) => plan.kill.victim === victim).length)
      print(`| ${way} | ${point} | ${counts.join(' | ')} |`)
    }
  }
}

print(`Crash harness: ${rounds} rounds, seed ${seed}.`)
const startedAt = performance.now()
const report = await runCrashRounds({ rounds, seed, onRound: printRound })
printTable(report)
const { lost, twice, wrong, payments, acknowledged } = report
const relapses = report.rounds.filter(({ strikes }) => strikes > 1).length
const foundAgain = report.rounds.filter(({ isFoundAgain }) => isFoundAgain).length
const missed = report.rounds.filter(({ strikes }) => strikes === 0).length
print(
  `${rounds} rounds (${relapses} with a second kill, ${missed} places not reached), ${payments} payments, ` +
    `${acknowledged} notifications acknowledged, ${foundAgain} found by the sweep a second time, ${Math.round((performance.now() - startedAt) / 1000)} s.`,
)
print(`Lost: ${lost.length}. Twice: ${twice.length}. Otherwise wrong: ${wrong.length}.`)
for (const sentence of [...lost, ...twice, ...wrong]) print(`  ${sentence}`)
if (lost.length + twice.length + wrong.length > 0) process.exitCode = 1
