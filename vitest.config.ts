import { defineConfig } from 'vitest/config';
import { isLong } from './test/helpers/tiers.ts';

// What is drawn is drawn by the same React as in the built program, which is faster; the long programme has React's own checks.
process.env.NODE_ENV = isLong ? 'test' : 'production';

/** Rooms whose tests start no programs and leave nothing behind in their process: to load everything anew for each file is what takes longest. */
const inMemory = [
  'test/domain/**/*.test.ts',
  'test/coordinator/**/*.test.ts',
  'test/runtime/**/*.test.ts',
  'test/adapters/{activity,config,sources}/**/*.test.ts',
];

export default defineConfig({
  test: {
    // Real git, processes and terminals: slow machines get room, nothing asserts on the clock.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
    // A test that fails now and then is a fault.
    retry: 0,
    projects: [
      { extends: true, test: { name: 'in memory', include: inMemory, isolate: false } },
      // What a plain run leaves out is said once.
      {
        extends: true,
        test: {
          name: 'real',
          globalSetup: ['test/helpers/left-out.ts'],
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: inMemory,
        },
      },
    ],
  },
});
