import { expect, test } from 'vitest';
import { agentOfRetry } from '../../../source/coordinator/starting/spawn.ts';
import { makeInstance, makeItem } from '../../helpers/core/planning.ts';

test('a run that did not find its agent is retried with the one that is named now, in a race with its own', () => {
  const run = makeInstance(makeItem('US-001'), { state: 'failed', agent: 'claude', exitCode: 127 });
  expect(agentOfRetry(run)).toBeUndefined();
  expect(agentOfRetry({ ...run, race: 'r1' })).toBe('claude');
  expect(agentOfRetry({ ...run, exitCode: 1 })).toBe('claude');
});
