import { expect, test, vi } from 'vitest';
import type { ClockPort } from '../../source/ports/clock.ts';
import { keepHouse } from '../../source/runtime/housekeeping.ts';

test('what a landing replaced and git does not have is told once it is found, before anything else is dropped', async () => {
  const due: (() => void)[] = [];
  const clock: ClockPort = {
    now: () => 5000,
    monotonic: () => 5000,
    newId: () => '',
    setTimer: (_, callback) => {
      due.push(callback);
      return () => undefined;
    },
  };
  const done: string[] = [];
  const branches = {
    releaseReplaced: async (now: number) => [`released at ${now}`],
    expirePins: async () => {
      done.push('pins');
      return 0;
    },
    replayBranch: async () => ({ outcome: 'not-needed' }) as const,
    undoLanding: async () => ({ outcome: 'moved' }) as const,
    createBranch: async () => ({ outcome: 'taken' }) as const,
    discardRun: async () => ({ outcome: 'kept', reasons: [] }) as const,
    commitLeft: async () => ({ outcome: 'nothing' }) as const,
    restoreRun: async () => ({ outcome: 'failed', message: '' }) as const,
  };
  keepHouse(clock, { branches, target: () => 'main', tidy: () => done.push('tidy'), warn: text => done.push(text) });
  due[0]?.();
  await vi.waitFor(() => expect(due).toHaveLength(2), 30_000);
  expect(done).toEqual(['tidy', 'released at 5000', 'pins']);
});
