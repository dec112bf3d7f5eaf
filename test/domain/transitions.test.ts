import { describe, expect, it } from 'vitest';
import type { InstanceState } from '../../source/domain/instance.ts';
import { canBecome, transitions } from '../../source/domain/transitions.ts';

const states = Object.keys(transitions) as InstanceState[];

/** States that can be reached from one, however many steps it takes. */
function reachable(from: InstanceState): ReadonlySet<InstanceState> {
  const found = new Set<InstanceState>([from]);
  for (const state of found) for (const next of transitions[state]) found.add(next);
  return found;
}

describe('the states of a run', () => {
  it('can all be reached from its request', () => {
    expect([...reachable('pending')].sort()).toEqual([...states].sort());
  });

  it('can all be left, and every life can end on the target', () => {
    for (const state of states) expect(reachable(state).has('merged') || state === 'cleaned', state).toBe(true);
  });

  it('are named once in each row', () => {
    for (const [state, next] of Object.entries(transitions)) expect(new Set(next).size, state).toBe(next.length);
  });

  it('land only through the queue or by being found on the target', () => {
    expect(states.filter(state => canBecome(state, 'landing') && state !== 'landing').sort()).toEqual([
      'checking',
      'queued',
    ]);
    expect(states.filter(state => canBecome(state, 'checking') && state !== 'checking')).toEqual(['queued']);
    expect(states.filter(state => canBecome(state, 'cleaned') && state !== 'cleaned')).toEqual(['merged']);
  });

  it('never go back to work but by being prepared again', () => {
    expect(states.filter(state => canBecome(state, 'running') && state !== 'running')).toEqual(['preparing']);
    expect(transitions.cleaned).toEqual(['rejected']);
  });
});
