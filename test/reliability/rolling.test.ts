import { expect, test } from 'vitest'
import { hasRedis } from '../support/redis.ts'
import { runRolling } from './rolling-harness.ts'

const SEED = 20_261_126

test.skipIf(!hasRedis)(
  'two gateways are replaced in turns under load: no event lost or repeated, no notification unanswered',
  async () => {
    const { lost, repeated, wrong, failed, told } = await runRolling({ restarts: 2, seed: SEED })
    expect({ seed: SEED, lost, repeated, wrong, failed }).toEqual({
      seed: SEED,
      lost: [],
      repeated: [],
      wrong: [],
      failed: [],
    })
    expect(told).toBeGreaterThan(0)
  },
  300_000,
)
