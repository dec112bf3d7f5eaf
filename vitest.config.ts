import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Real git, processes and terminals: slow machines get room, nothing asserts on the clock.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A machine of many tenants may stall a terminal for seconds: in CI a test that failed is run once more, and vitest says so.
    retry: process.env.CI === undefined ? 0 : 1,
  },
});
