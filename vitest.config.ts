import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'e2e/**/*.test.ts'],
    exclude: ['test/endurance/**', 'test/interop/**'],
    pool: 'forks',
    maxWorkers: 2,
    // Some train a network, on machines that others use too.
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
})
