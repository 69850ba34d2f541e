import { expect, test } from 'vitest'
import { runCrashRounds } from './crash-harness.ts'

test('no payment is lost or applied twice when processes are killed between any two steps', async () => {
  const { rounds, lost, twice, wrong } = await runCrashRounds({ rounds: 10, seed: 20_261_434 })
  expect({ lost, twice, wrong }).toEqual({ lost: [], twice: [], wrong: [] })
  expect(rounds.filter(({ strikes }) => strikes === 0).map(({ plan }) => plan.kill)).toEqual([])
}, 600_000)
