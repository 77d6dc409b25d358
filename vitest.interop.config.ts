import { defineConfig } from 'vitest/config'

/**
 * What is written here, opened by the programs of others: Python's readers, installed into an environment of their own
 * (test/interop/environment.ts). Where there is no Python or no package index, everything skips and says why.
 */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: 'test/interop/environment.ts',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
