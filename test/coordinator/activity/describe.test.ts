import { expect, test } from 'vitest';
import { describeEvent } from '../../../source/coordinator/state/activity.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import { fakeInstance } from '../../helpers/core/fake-handle.ts';

const run = fakeInstance('US-043');
const known = { instances: [run], adHoc: [{ id: 'TASK-1', key: 'TASK-1' }] };
const { runId, priorityId } = run;
const say = (event: Omit<CoordinatorEvent, 'at'>) => describeEvent({ ...event, at: 0 } as CoordinatorEvent, known);

test('every line has the key of its item and says what happened in the words of the screen', () => {
  const judged = { type: 'instance-judged', runId, priorityId, head: null, violations: [], files: [], commits: 2 };
  expect(say({ ...judged, state: 'awaiting-approval', reason: null } as never)).toEqual({
    key: 'US-043',
    level: 'info',
    text: 'finished: 2 commits, 0 files',
  });
  expect(say({ ...judged, state: 'failed', reason: 'exit code 7' } as never)).toMatchObject({
    level: 'error',
    text: 'failed: exit code 7',
  });
  expect(say({ type: 'instance-cleaned', runId, priorityId, rescued: [], bytes: 12_345 } as never).text).toBe(
    'cleaned up, 12 kB freed',
  );
  expect(say({ type: 'merge-rejected', runId, priorityId, reason: 'not now' } as never).text).toBe('rejected: not now');
  expect(say({ type: 'item-pinned', priorityId: 'TASK-1', pinned: true } as never)).toMatchObject({ key: 'TASK-1' });
  expect(say({ type: 'queue-paused', paused: true, reason: null } as never)).toEqual({
    key: null,
    level: 'warning',
    text: 'Landing paused: by the user',
  });
});

test('a conflict is named by its paths, and a clean trial merge says nothing', () => {
  const predicted = { type: 'merge-predicted', runId, head: 'a', base: null } as const;
  expect(say({ ...predicted, prediction: 'conflict', paths: ['src/a.ts'] } as never).text).toBe(
    'conflicts with roadmap: src/a.ts',
  );
  expect(say({ ...predicted, prediction: 'clean', paths: [] } as never).text).toBeNull();
});

test('foreign text is one line without control characters, and a notice does not repeat the key', () => {
  expect(say({ type: 'instance-resumed', runId, priorityId, message: 'fix\u001b[31m it\nplease' } as never).text).toBe(
    'resumed: fix it',
  );
  expect(say({ type: 'notice-raised', level: 'warning', text: 'US-043: look', runId } as never).text).toBe('look');
});
