import { defineConfig } from 'vitest/config'

/**
 * What takes minutes: mass files, kills, images that do not fit into memory. One after the other, because they watch
 * memory and fill both cores. SEGSCOPE_ENDURANCE=small takes smaller counts.
 */
export default defineConfig({
  test: {
    include: ['test/endurance/**/*.test.ts'],
    pool: 'forks',
    globalSetup: 'test/settings-apart.ts',
    fileParallelism: false,
    testTimeout: 30 * 60_000,
    hookTimeout: 10 * 60_000,
  },
})
