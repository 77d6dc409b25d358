import { defineConfig } from 'vitest/config'
import { LastingTests } from './test/lasting-tests.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'e2e/**/*.test.ts'],
    exclude: ['test/endurance/**', 'test/interop/**'],
    globalSetup: 'test/settings-apart.ts',
    reporters: ['default', new LastingTests()],
    pool: 'forks',
    maxWorkers: 2,
    // Some train a network, on machines that others use too.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // A page follows when it can; what it should show is waited for like the tests themselves.
    expect: { poll: { timeout: 60_000 } },
  },
})
