import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../source/domain/instance.ts';
import type { Item } from '../../../source/domain/item.ts';
import { computePlan } from '../../../source/domain/plan.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';
import { knownScope, makeInstance, makeItem, planInput } from '../../helpers/core/planning.ts';

const shared = { scope: knownScope('source/one.ts') };
const lower = makeItem('US-001', shared);
const upper = makeItem('US-002', { ...shared, dependsOn: ['US-001'] });
const head = 'a'.repeat(40);

function plan(
  run: Partial<Instance>,
  items: readonly Item[] = [lower, upper],
  changes: Partial<Parameters<typeof planInput>[1]> = {},
  others: readonly Instance[] = [],
) {
  const instances = [makeInstance(lower, { state: 'awaiting-approval', head, ...run }), ...others];
  return computePlan(planInput(items, { instances, settings: { ...defaultSettings, stack: true }, ...changes }));
}

describe('with the setting stack', () => {
  test('an item starts from the branch of the one run that it waits for, though both change the same', () => {
    for (const state of ['awaiting-approval', 'queued', 'checking'] as const) {
      const { ready, warnings } = plan({ state });
      expect(ready).toEqual(['US-002']);
      expect(warnings()).toEqual([
        {
          id: 'US-002',
          reasons: [
            {
              code: 'dependency',
              detail: 'starts from roadmap-US-001, the branch of US-001, which has not landed; it lands after it',
            },
          ],
        },
      ]);
    }
  });

  test('without the setting it waits', () => {
    const { ready, reasonsOf } = plan({}, undefined, { settings: defaultSettings });
    expect(ready).toEqual([]);
    expect(reasonsOf('US-002').map(({ code }) => code)).toEqual(['dependency', 'overlap']);
  });

  test('it waits for a run that is at work, stopped, in a race, on another machine, or without a known head', () => {
    for (const state of ['running', 'completed', 'conflict', 'blocked', 'checks-failed', 'landing', 'no-work'] as const)
      expect(plan({ state }).ready).toEqual([]);
    expect(plan({ head: null }).ready).toEqual([]);
    expect(plan({ race: 'r'.repeat(16) }).ready).toEqual([]);
    expect(plan({}, undefined, { elsewhere: { local: false, free: 4, atWork: 0 } }).ready).toEqual([]);
  });

  test('it waits for two side by side that have not landed, for one that is not known, and for one that lands elsewhere', () => {
    const third = makeItem('US-003');
    const both = makeItem('US-002', { ...shared, dependsOn: ['US-001', 'US-003'] });
    const waits = makeInstance(third, { state: 'awaiting-approval', head });
    expect(plan({}, [lower, third, both], {}, [waits]).ready).toEqual([]);
    expect(plan({}, [lower, { ...upper, dependsOn: ['US-001', 'US-999'] }]).ready).toEqual([]);
    expect(plan({}, [lower, { ...upper, target: 'release' }]).ready).toEqual([]);
    expect(plan({}, [lower, { ...upper, agents: ['a', 'b'] }]).ready).toEqual([]);
  });

  test('the work of a run that it is not built on still keeps it waiting', () => {
    const other = makeItem('US-009', shared);
    const held = plan({}, [lower, upper, other], {}, [makeInstance(other, { state: 'awaiting-approval', head })]);
    expect(held.ready).toEqual([]);
    expect(held.reasonsOf('US-002').map(({ detail }) => detail)).toEqual([
      'US-009 waits to land and also changes source/one.ts',
    ]);
  });

  test('a stack can be of more than two, and what lies further down is no obstacle either', () => {
    const top = makeItem('US-003', { ...shared, dependsOn: ['US-001', 'US-002'] });
    const bottom = makeInstance(lower, { state: 'awaiting-approval', head });
    const middle = makeInstance(upper, {
      state: 'awaiting-approval',
      head: 'b'.repeat(40),
      target: bottom.branchName,
      stack: { runId: bottom.runId, target: 'roadmap', at: head },
    });
    const settings = { ...defaultSettings, stack: true };
    const onMiddle = { ...top, dependsOn: ['US-002'] };
    const items = [lower, upper, onMiddle];
    expect(computePlan(planInput(items, { instances: [bottom, middle], settings })).ready).toEqual(['US-003']);
    // The upper of them holds the other one.
    expect(computePlan(planInput([lower, upper, top], { instances: [bottom, middle], settings })).ready).toEqual([
      'US-003',
    ]);
  });
});
