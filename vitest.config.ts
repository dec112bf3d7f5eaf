import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Real git, processes and terminals: slow machines get room, nothing asserts on the clock.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Says what a plain run leaves out.
    globalSetup: ['test/helpers/left-out.ts'],
    // A test that fails now and then is a fault.
    retry: 0,
  },
});
