/** `npm run model -- 500 7`: many random runs of the model-based test, from a seed. */
import { startVitest } from 'vitest/node'

const [runs = '500', given] = process.argv.slice(2)
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
process.stdout.write(`Model: ${runs} runs, seed ${seed}.\n`)
const vitest = await startVitest('test', ['test/reliability/model.test.ts'], {
  watch: false,
  provide: { modelRuns: { runs: Number(runs), seed } },
})
await vitest.close()
