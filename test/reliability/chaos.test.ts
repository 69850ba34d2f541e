import { expect, test } from 'vitest'
import { hasRedis } from '../support/redis.ts'
import { runChaos } from './chaos-harness.ts'

const SEED = 20_261_126

test.skipIf(!hasRedis)(
  'every watcher is told every event once and in order while processes die and connections break',
  async () => {
    const { lost, repeated, wrong, told } = await runChaos({ seconds: 4, seed: SEED })
    expect({ seed: SEED, lost, repeated, wrong }).toEqual({ seed: SEED, lost: [], repeated: [], wrong: [] })
    expect(told).toBeGreaterThan(0)
  },
  300_000,
)
