import { describe, expect, it } from 'vitest';
import { initialDurableState } from '../../source/coordinator/fold/fold.ts';
import { makeItem } from '../helpers/core/planning.ts';
import { Scene } from '../helpers/core/scene.ts';

/** TASK-1 runs, and TASK-2 waits behind it. */
function waiting() {
  const one = new Scene([makeItem('US-001')], { maxParallel: 1 });
  one.ready();
  for (const prompt of ['first', 'rm -rf everything, a typo'])
    one.command({
      type: 'run',
      item: makeItem('new', { prompt, title: prompt, scope: { kind: 'unknown', paths: [] } }),
    });
  expect(one.state.adHoc.map(({ key }) => key)).toEqual(['TASK-1', 'TASK-2']);
  return one;
}

describe('an ad-hoc item that waits', () => {
  it.each([{ type: 'cancel' } as const, { type: 'remove-item' } as const])('is removed by $type', ({ type }) => {
    const one = waiting();
    one.command({ type: 'pin', id: 'TASK-2', pinned: true });
    expect(one.command({ type, id: 'TASK-2' })).toMatchObject({
      facts: [{ type: 'item-removed', priorityId: 'TASK-2' }],
      answer: { ok: true, message: 'Removed TASK-2. It had not started.' },
    });
    expect([one.state.adHoc.map(({ key }) => key), one.state.pins]).toEqual([['TASK-1'], []]);
    expect(one.command({ type: 'cancel', id: 'TASK-2' }).answer?.message).toContain('Unknown run "TASK-2"');
  });

  it('is never started once it is gone, and its number is not used again', () => {
    const one = waiting();
    one.command({ type: 'remove-item', id: 'TASK-2' });
    one.command({ type: 'run', item: makeItem('new', { prompt: 'third' }) });
    expect(one.state.adHoc.map(({ key }) => key)).toEqual(['TASK-1', 'TASK-3']);
    expect(one.state.plan.ready).not.toContain('TASK-2');
  });

  it('is changed where it stands, and runs with what it says now', () => {
    const one = waiting();
    one.command({ type: 'run', item: makeItem('new', { prompt: 'third' }) });
    const scope = { kind: 'known', paths: ['docs/**'] } as const;
    expect(
      one.command({ type: 'edit-item', id: 'TASK-2', change: { prompt: 'write\nthe docs', title: 'write', scope } })
        .answer,
    ).toMatchObject({ ok: true, message: 'Changed TASK-2.' });
    expect(one.state.adHoc.map(({ key }) => key)).toEqual(['TASK-1', 'TASK-2', 'TASK-3']);
    expect(one.state.adHoc[1]).toMatchObject({ title: 'write', heading: 'write', prompt: 'write\nthe docs', scope });
    one.command({ type: 'spawn', id: 'TASK-2', overCapacity: true });
    expect(one.run()).toMatchObject({ key: 'TASK-2', title: 'write', scope });
  });

  it('with an empty prompt or an endless title is not changed', () => {
    const one = waiting();
    for (const change of [{ prompt: ' \n' }, { title: 'x'.repeat(1001) }]) {
      const { answer, facts } = one.command({ type: 'edit-item', id: 'TASK-2', change });
      expect([answer?.ok, facts]).toEqual([false, []]);
    }
  });

  it('tells how it is changed or removed when something else is asked of it', () => {
    const { answer } = waiting().command({ type: 'reject', id: 'TASK-2', reason: 'no' });
    expect(answer?.message).toBe(
      'TASK-2 has not run yet. Start it with "cm-tui spawn TASK-2". Change it with "cm-tui edit TASK-2", or remove it with "cm-tui cancel TASK-2".',
    );
  });
});

describe('what cannot be changed or removed', () => {
  it.each([
    ['an item of the ROADMAP', 'US-001', /not an ad-hoc item/],
    ['a run at work', 'TASK-1', /TASK-1 is being prepared, so its prompt is settled/],
  ])('is %s', (_, id, words) => {
    const one = waiting();
    for (const command of [
      { type: 'edit-item', id, change: { prompt: 'other' } } as const,
      { type: 'remove-item', id } as const,
    ]) {
      const { answer, facts } = one.command(command);
      expect([answer?.ok, facts]).toEqual([false, []]);
      expect(answer?.message).toMatch(words);
    }
  });

  it('is an item with a run that has ended: its prompt can be changed for a retry', () => {
    const one = new Scene([]);
    one.ready();
    one.command({ type: 'run', item: makeItem('new', { prompt: 'first' }) });
    one.fails('git.createWorktree');
    expect(one.run().state).toBe('failed');
    expect(one.command({ type: 'edit-item', id: 'TASK-1', change: { prompt: 'better' } }).answer?.ok).toBe(true);
    expect(one.command({ type: 'remove-item', id: 'TASK-1' }).answer?.message).toBe(
      'TASK-1 has been started, so it stays with its runs.',
    );
  });
});

it('a journal without the highest number goes on behind what it holds', () => {
  const adHoc = [makeItem('TASK-1', { prompt: 'one' }), makeItem('TASK-2', { prompt: 'two' })];
  const one = new Scene([], {}, { durable: { ...initialDurableState, adHoc } });
  one.ready();
  one.command({ type: 'run', item: makeItem('new', { prompt: 'third' }) });
  expect(one.state.adHoc.at(-1)?.key).toBe('TASK-3');
});
