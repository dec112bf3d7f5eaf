import { describe, expect, it } from 'vitest';
import { exitStatus } from '../../../source/coordinator/state/idle.ts';
import { planDetails } from '../../../source/coordinator/state/planning.ts';
import { itemRows } from '../../../source/coordinator/state/selectors.ts';
import { firstOverview, sceneOf } from '../../../source/ui/overview/model.ts';
import { groupCounts } from '../../../source/ui/screens/groups/group-layer.tsx';
import { makeItem } from '../../helpers/core/planning.ts';
import { Scene } from '../../helpers/core/scene.ts';

const items = [
  makeItem('US-1', { group: 'Phase 1', status: 'complete' }),
  makeItem('US-2', { group: 'Phase 1' }),
  makeItem('US-3', { group: 'Phase 2' }),
  makeItem('US-4'),
];

function scene(): Scene {
  const made = new Scene(items);
  made.ready();
  return made;
}

describe('a group that runs alone', () => {
  it('is the only one whose items the work loop starts, with the reason for the others', () => {
    const one = scene();
    const { facts, answer } = one.command({ type: 'set-group', group: 'Phase 2' });
    expect(answer?.message).toBe('Running "Phase 2": the work loop starts only its items.');
    expect(facts.map(({ type }) => type).slice(0, 2)).toEqual(['group-chosen', 'loop-changed']);
    expect(one.state.instances.map(({ priorityId }) => priorityId)).toEqual(['US-3']);
    expect(planDetails(one.state).reasonsOf('US-2')).toContainEqual({
      code: 'group',
      detail: 'only "Phase 2" runs now',
    });
  });

  it('does not keep a person from spawning another item, and others do not count as unfinished', () => {
    const one = scene();
    one.command({ type: 'set-group', group: 'Phase 2' });
    expect(one.command({ type: 'spawn', id: 'US-4' }).answer?.ok).toBe(true);
    const alone = new Scene(
      items.filter(({ group }) => group !== 'Phase 2').map(item => ({ ...item, group: 'Phase 1' })),
    );
    alone.ready();
    expect(exitStatus({ ...alone.state, onlyGroup: 'Phase 2' })).toBe(1);
  });

  it('is refused by a name that no item has, and ends', () => {
    const one = scene();
    expect(one.command({ type: 'set-group', group: 'Phase 9' }).answer?.message).toContain(
      'No item stands in a group "Phase 9"',
    );
    one.command({ type: 'set-group', group: 'Phase 2' });
    one.command({ type: 'set-group', group: null });
    expect(one.state.instances.map(({ priorityId }) => priorityId)).toContain('US-2');
  });
});

describe('groups on the screen', () => {
  it('are counted in the order in which they appear', () => {
    expect(groupCounts(itemRows(scene().state))).toEqual([
      { name: 'Phase 1', total: 2, done: 1, running: 0, ready: 1 },
      { name: 'Phase 2', total: 1, done: 0, running: 0, ready: 1 },
    ]);
  });

  it('fold and filter', () => {
    const listed = (changes: Partial<typeof firstOverview>) =>
      sceneOf(scene().state, { ...firstOverview, ...changes }, { columns: 120, rows: 40 }).rows.map(row => row.item.id);
    expect(listed({ folded: ['Phase 1'] })).toEqual(['US-3', 'US-4']);
    expect(listed({ filter: 'group:phase 1' })).toEqual(['US-1', 'US-2']);
    expect(listed({ filter: 'group:phase' })).toEqual([]);
  });
});
