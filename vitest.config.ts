import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite would load a second copy of graphql (its ES build) beside the one that Apollo requires.
  resolve: { alias: { graphql: 'graphql/index.js' } },
  test: {
    include: ['src/**/*.test.ts', 'simulator/**/*.test.ts', 'web/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Loading the gateway takes longer than most tests, and no test leaves anything behind in its process.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A busy machine may stand still for some seconds; what a condition waits for comes, or the test fails all the same.
    expect: { poll: { timeout: 20_000 } },
  },
})
