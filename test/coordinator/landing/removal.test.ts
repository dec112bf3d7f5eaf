import { describe, expect, it } from 'vitest';
import { makeItem } from '../../helpers/core/planning.ts';
import { base, goodBranch, head, look, oid, Scene } from '../../helpers/core/scene.ts';

const saved = oid('5');

function scene(settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
  const one = new Scene([makeItem('US-001')], settings);
  one.ready();
  return one;
}

describe('a run that is discarded', () => {
  function discarded() {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'discard', ids: ['US-001'] });
    one.answer('git.discard', { type: 'discarded', runId, result: { outcome: 'removed', head, saved } });
    return { one, runId };
  }

  it('waits for nobody any more, cannot be approved, and says how it comes back', () => {
    const { one } = discarded();
    expect(one.run()).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining('"cm-tui restore 001" brings it back until'),
      removed: { head, saved },
    });
    expect(one.command({ type: 'approve', id: 'US-001' }).answer?.ok).toBe(false);
    expect(one.command({ type: 'resume', id: 'US-001', message: 'go on' }).answer?.message).toContain(
      'Restore it first',
    );
    expect(one.state.cleaning).toEqual([]);
  });

  it('neither runs nor lands while it is being removed', () => {
    const one = scene();
    one.predicted();
    one.command({ type: 'discard', ids: ['US-001'] });
    const wanted = [
      { type: 'resume', id: 'US-001', message: 'go on' },
      { type: 'approve', id: 'US-001' },
      { type: 'update', id: 'US-001' },
    ] as const;
    for (const command of wanted) expect(one.command(command).answer?.message).toContain('is being cleaned up');
    expect(one.underWay).toEqual(['git.discard']);
  });

  it('enters the queue neither by policy nor with the next look while it is being removed', () => {
    const one = scene({ approve: 'clean' });
    const { runId } = one.judged();
    one.command({ type: 'discard', ids: ['US-001'] });
    const result = { outcome: 'clean', base, head, tree: oid('a') } as const;
    one.answer('git.predict', { type: 'predicted', runId, head, result });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', merge: { prediction: 'clean' } });
    const blocked = scene();
    blocked.prepared();
    blocked.fails('git.land');
    blocked.command({ type: 'discard', ids: ['US-001'] });
    blocked.send({ type: 'observed', observation: look({ git: { branches: { main: base, 'roadmap-001': head } } }) });
    expect(blocked.run()).toMatchObject({ state: 'blocked', merge: { approvedHead: head } });
    expect(blocked.underWay).toContain('git.discard');
  });

  it('is restored, and reviewed again as what git finds then', () => {
    const { one, runId } = discarded();
    one.command({ type: 'restore', id: 'US-001' });
    expect(one.underWay).toEqual(['git.restore']);
    one.answer('git.restore', { type: 'restored', runId, result: { outcome: 'restored', head } });
    expect(one.run().removed).toBeUndefined();
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', head });
  });

  it('stays as it was where something is in the way, and says what', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'discard', ids: ['US-001'] });
    const result = { outcome: 'kept', reasons: ['It is in use.'] } as const;
    one.answer('git.discard', { type: 'discarded', runId, result });
    expect(one.run().state).toBe('awaiting-approval');
    expect(one.state.notices.at(-1)?.text).toContain('kept: It is in use');
  });

  it('may neither run nor be on its way into the target', () => {
    const one = scene();
    one.running();
    expect(one.command({ type: 'discard', ids: ['US-001'] }).answer?.ok).toBe(false);
    const other = scene();
    other.prepared();
    expect(other.command({ type: 'discard', ids: ['US-001'] }).answer?.ok).toBe(false);
  });
});

describe('cleaning up', () => {
  it('a run that holds nothing keeps what it was, and does not count as landed', () => {
    const one = scene();
    const { runId } = one.judged(goodBranch({ commits: 0, files: [], head: base }), 'US-001', 3);
    one.command({ type: 'clean', ids: [runId], confirmedLoss: {} });
    one.answer('git.clean', { type: 'cleaned', runId, result: { outcome: 'removed', rescued: [] } });
    expect(one.run()).toMatchObject({ state: 'failed', reason: 'exit code 3', removed: { head: base } });
  });
});

describe('an undo after the clean-up', () => {
  function cleaned() {
    const one = scene();
    const { runId } = one.landed();
    one.command({ type: 'clean', ids: [], confirmedLoss: {} });
    one.answer('git.clean', { type: 'cleaned', runId, result: { outcome: 'removed', rescued: [] } });
    one.command({ type: 'undo' });
    one.answer('git.undo', { type: 'undone', runId, result: { outcome: 'moved' } });
    return { one, runId };
  }

  it('restores branch and worktree, and the branch can be approved again', () => {
    const { one, runId } = cleaned();
    expect(one.state.targetTip).toBe(base);
    expect(one.underWay).toContain('git.restore');
    one.answer('git.restore', { type: 'restored', runId, result: { outcome: 'restored', head } });
    expect(one.run()).toMatchObject({
      state: 'blocked',
      reason: 'its landing was reverted; approve it to land it again',
      merge: { landed: null },
    });
    expect(one.run().landedAs).toBeUndefined();
    expect(one.command({ type: 'approve', id: 'US-001' }).answer?.ok).toBe(true);
  });

  it('that cannot be restored now says how to do it', () => {
    const { one, runId } = cleaned();
    one.answer('git.restore', { type: 'restored', runId, result: { outcome: 'failed', message: 'no space' } });
    expect(one.run()).toMatchObject({ state: 'rejected', reason: expect.stringContaining('"cm-tui restore 001"') });
    expect(one.state.notices.at(-1)?.text).toContain('not restored: no space');
    one.command({ type: 'restore', id: 'US-001' });
    expect(one.underWay).toContain('git.restore');
  });
});
