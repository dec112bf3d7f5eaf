import { describe, expect, test } from 'vitest';
import type { State } from '../../source/coordinator/state/state.ts';
import { initialState, updateAll } from '../../source/coordinator/update.ts';
import type { InstanceState } from '../../source/domain/instance.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import type { CoordinatorEvent } from '../../source/ports/events.ts';

const minute = 60_000;

function tell(state: State, event: CoordinatorEvent): State {
  return updateAll(state, [{ type: 'fact', event, at: event.at, entropy: 'abcdefgh12345678' }]).state;
}

/** One more run that ends at that time, in that way. */
function ended(state: State, at: number, how: InstanceState): State {
  const number = state.instances.length + 1;
  const runId = `run${number}`.padEnd(16, '0');
  const key = `US-${number}`;
  const names = { slug: String(number), branchName: `roadmap-${number}`, worktreePath: `/w/${number}`, target: 'main' };
  const made = tell(state, {
    ...names,
    type: 'instance-requested',
    runId,
    priorityId: key,
    key,
    title: '',
    attempt: 1,
    agent: 'demo',
    agentType: 'code_developer',
    scope: { kind: 'unknown', paths: [] },
    at,
  });
  const judged = { type: 'instance-judged', runId, priorityId: key, state: how, reason: null, head: null } as const;
  return tell(made, { ...judged, commits: 0, files: [], violations: [], at });
}

function many(count: number, how: InstanceState, apart = 1000): State {
  let state = initialState(defaultSettings);
  for (let n = 1; n <= count; n++) state = ended(state, n * apart, how);
  return state;
}

describe('one bad end after the other', () => {
  test('the sixth within five minutes pauses new spawns and says so', () => {
    expect(many(5, 'failed').paused).toBe(false);
    const state = many(6, 'failed');
    expect(state.paused).toBe(true);
    expect(state.notices.at(-1)).toMatchObject({
      level: 'error',
      text: expect.stringContaining('6 runs failed'),
    });
  });

  test.each(['interrupted', 'failed'] as const)('%s counts', how => expect(many(6, how).paused).toBe(true));

  test.each(['cancelled', 'awaiting-approval', 'no-work', 'needs-attention'] as const)('%s does not', how => {
    expect(many(12, how).paused).toBe(false);
  });

  test('spread over more time they do not', () => expect(many(12, 'failed', minute).paused).toBe(false));

  test('once a person lets spawns go on it stays so, until the next bad end', () => {
    const resumed = tell(many(6, 'failed'), { type: 'spawns-paused', paused: false, at: 7000 });
    expect(resumed.paused).toBe(false);
    expect(ended(resumed, 8000, 'awaiting-approval').paused).toBe(false);
    expect(ended(resumed, 8000, 'failed').paused).toBe(true);
    expect(ended(resumed, 8000 + 6 * minute, 'failed').paused).toBe(false);
  });
});
