import { describe, expect, it } from 'vitest';
import { attentionOf } from '../../../source/coordinator/state/attention.ts';
import { planDetails } from '../../../source/coordinator/state/planning.ts';
import { shownState } from '../../../source/domain/state-labels.ts';
import type { UndoResult } from '../../../source/ports/branches.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { agent, base, goodBranch, head, look, oid, Scene, type Told } from '../../helpers/core/scene.ts';

const tip = oid('c');
const other = oid('9');
const items = [makeItem('US-001'), makeItem('US-002', { dependsOn: ['US-001'] }), makeItem('US-003')];
const onTip = { git: { targetTip: tip, branches: { main: tip } } };

function scene(settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
  const made = new Scene(items, settings);
  made.ready();
  return made;
}

/** US-001 has landed, and an undo of it is under way. */
function undoing(): { one: Scene; runId: string } {
  const one = scene();
  const { runId } = one.landed();
  one.command({ type: 'undo' });
  return { one, runId };
}

function undone(one: Scene, result: UndoResult): Told {
  return one.answer('git.undo', { type: 'undone', runId: one.run().runId, result });
}

/** Starts again with what the journal holds, and takes the first look. */
function restarted(one: Scene, landed: boolean | null): { again: Scene; told: Told } {
  const again = new Scene(items, {}, { durable: one.state });
  const { runId } = one.run();
  return { again, told: again.ready(look({ ...(landed ? onTip : {}), landed: { [runId]: landed } })) };
}

describe('an undo that nobody has heard the end of', () => {
  it('is done again after a crash where the target still holds what landed', () => {
    const { one, runId } = undoing();
    const { again, told } = restarted(one, true);
    expect(told.effects).toMatchObject([{ type: 'git.undo', runId, landed: tip, base }]);
    undone(again, { outcome: 'moved' });
    expect(again.run()).toMatchObject({ state: 'blocked', merge: { landed: null } });
    expect(shownState(again.run())).toBe('reverted');
    expect(attentionOf(again.state).map(({ kind }) => kind)).toEqual(['reverted']);
    expect(again.run().undoing).toBeUndefined();
  });

  it('has happened where the target does not hold it any more; the queue does not take that for a rewind', () => {
    const { one, runId } = undoing();
    const { again, told } = restarted(one, false);
    expect(told.facts).toMatchObject([{ type: 'landing-undone', runId, by: 'move' }]);
    expect(again.state.queuePaused).toBeNull();
  });

  it('waits where nobody can tell', () => {
    const { one } = undoing();
    expect(restarted(one, null).told).toMatchObject({ facts: [], effects: [] });
  });

  it('has happened where the target stands where it was to go', () => {
    const { one } = undoing();
    expect(undone(one, { outcome: 'elsewhere', tip: base }).facts).toMatchObject([
      { type: 'landing-undone', by: 'move' },
    ]);
  });

  it.each([
    [true, 'undo-stopped'],
    [false, 'landing-undone'],
  ])('that failed is looked into before anything is concluded (still there: %s)', (there, fact) => {
    const { one, runId } = undoing();
    one.fails('git.undo');
    expect(one.run().undoing).toEqual({ landed: tip, base });
    const { facts } = one.send({ type: 'observed', observation: look({ ...onTip, landed: { [runId]: there } }) });
    expect(facts.map(({ type }) => type)).toContain(fact);
    expect(one.run().undoing).toBeUndefined();
    expect(one.underWay).not.toContain('git.undo');
  });
});

describe('while the target goes back', () => {
  it('nothing is begun from it, and what landed is not cleaned up', () => {
    const { one } = undoing();
    expect(one.command({ type: 'spawn', id: 'US-003' }).answer?.message).toBe(
      'Cannot spawn US-003 now: the landing of US-001 is being undone.',
    );
    expect(one.command({ type: 'clean', ids: ['US-001'], confirmedLoss: {} }).answer?.ok).toBe(false);
  });

  it('nothing lands: what is ready for it is merged with what is there then', () => {
    const one = scene();
    one.running('US-003');
    const waiting = one.run().runId;
    one.landed();
    const { runId } = one.run();
    one.send({ type: 'process-ended', runId: waiting, status: { status: 'exited', exitCode: 0, endTime: 900 } });
    const facts = goodBranch({ checkedOut: 'roadmap-003', files: [], commits: 1, head: oid('7') });
    const changed = { ...facts, files: goodBranch().files.map(file => ({ ...file, path: 'source/US-003/a.ts' })) };
    one.answer('git.judge', { type: 'judged', runId: waiting, facts: changed, result: null });
    one.command({ type: 'approve', id: waiting });
    one.command({ type: 'undo', id: runId });
    const prepared = { outcome: 'prepared', candidate: oid('8'), base: tip, statusWritten: true } as const;
    const told = one.answer('git.prepare', { type: 'prepared', runId: waiting, head: oid('7'), result: prepared });
    expect(told.effects.map(({ type }) => type)).not.toContain('git.land');
    one.answer('git.undo', { type: 'undone', runId, result: { outcome: 'moved' } });
    expect(one.run(waiting).state).toBe('queued');
    expect(one.underWay).toContain('git.prepare');
    expect(one.state.queuePaused).toBeNull();
  });

  it('a clean-up is waited for', () => {
    const one = scene();
    one.landed();
    one.command({ type: 'clean', ids: [], confirmedLoss: {} });
    expect(one.command({ type: 'undo' }).answer?.message).toBe('US-001 is being cleaned up right now. Try again.');
  });
});

describe('what others have built on is reverted instead', () => {
  it('at once where a run was begun from it', () => {
    const one = scene();
    const { runId } = one.landed();
    one.command({ type: 'spawn', id: 'US-003' });
    const begun = one.run().runId;
    one.answer('git.createWorktree', { type: 'worktree', runId: begun, result: { outcome: 'created', base: tip } });
    one.command({ type: 'undo', id: runId });
    expect(one.underWay).not.toContain('git.undo');
    expect(one.run()).toMatchObject({ key: 'US-001-UNDO', agent: 'git revert', reverts: { runId, commit: tip } });
  });

  it('at once where a run is on its way whose base is not known yet, and not where such a run has ended', () => {
    const one = scene();
    const { runId } = one.landed();
    one.command({ type: 'spawn', id: 'US-003' });
    const begun = one.run().runId;
    expect(one.run()).toMatchObject({ base: null, state: 'preparing' });
    const failed = { outcome: 'failed', message: 'no' } as const;
    one.answer('git.createWorktree', { type: 'worktree', runId: begun, result: failed });
    one.command({ type: 'undo', id: runId });
    expect(one.underWay).toContain('git.undo');

    const other = scene();
    const landed = other.landed().runId;
    other.command({ type: 'spawn', id: 'US-003' });
    other.command({ type: 'undo', id: landed });
    expect(other.underWay).not.toContain('git.undo');
  });

  it('with the next try where git finds it on a branch that may land', () => {
    const { one } = undoing();
    undone(one, { outcome: 'built-on', branches: ['roadmap-003'] });
    expect(one.run().reason).toBe(
      'its landing could not be undone: roadmap-003 would bring it back; undo it again to create a revert branch',
    );
    one.command({ type: 'undo' });
    expect(one.run().key).toBe('US-001-UNDO');
  });

  it('not beside work on the same files, but however busy the machine is', () => {
    const one = scene({ maxParallel: 1 });
    const { runId } = one.landed();
    one.send({ type: 'target-moved', tip: other });
    one.running('US-003');
    expect(one.command({ type: 'undo', id: runId }).answer?.ok).toBe(true);
    const same = new Scene([
      items[0] ?? makeItem('US-001'),
      makeItem('US-003', { scope: { kind: 'known', paths: ['source/'] } }),
    ]);
    same.ready();
    const landed = same.landed();
    same.send({ type: 'target-moved', tip: other });
    same.running('US-003');
    expect(same.command({ type: 'undo', id: landed.runId }).answer).toMatchObject({
      ok: false,
      message: expect.stringContaining('US-003 runs and also changes source/US-001/a.ts'),
    });
    expect(same.state.adHoc).toEqual([]);
  });
});

describe('a revert', () => {
  /** US-001 has landed, others after it, and its revert is at work. */
  function reverting(meanwhile: (one: Scene) => void = () => undefined) {
    const one = scene();
    const { runId } = one.landed();
    one.send({ type: 'target-moved', tip: other });
    meanwhile(one);
    one.command({ type: 'undo', id: runId });
    const revert = one.run().runId;
    one.answer('git.createWorktree', { type: 'worktree', runId: revert, result: { outcome: 'created', base: other } });
    one.answer('process.start', { type: 'started', runId: revert, process: agent, sessionId: null });
    return { one, runId, revert };
  }

  function reverted(meanwhile?: (one: Scene) => void) {
    const { one, runId, revert } = reverting(meanwhile);
    one.send({ type: 'process-ended', runId: revert, status: { status: 'exited', exitCode: 0, endTime: 900 } });
    one.answer('git.judge', {
      type: 'judged',
      runId: revert,
      facts: goodBranch({ checkedOut: 'roadmap-us-001-undo' }),
      result: null,
    });
    one.command({ type: 'approve', id: revert });
    const result = { outcome: 'prepared', candidate: oid('f'), base: other, statusWritten: true } as const;
    one.answer('git.prepare', { type: 'prepared', runId: revert, head: one.run().head ?? '', result });
    one.answer('git.land', { type: 'landed', runId: revert, result: { outcome: 'landed' } });
    return { one, runId, revert };
  }

  it('that was cut off stays one, whoever starts it again', () => {
    const { one, revert } = reverting();
    one.send({ type: 'process-ended', runId: revert, status: { status: 'lost', why: 'killed' } });
    one.answer('git.judge', {
      type: 'judged',
      runId: revert,
      facts: goodBranch({ commits: 0, files: [] }),
      result: null,
    });
    expect(one.run()).toMatchObject({ runId: revert, state: 'interrupted' });
    one.command({ type: 'set-mode', mode: 'auto' });
    const again = one.state.instances.filter(({ key }) => key === 'US-001-UNDO').at(-1);
    expect(again).toMatchObject({ attempt: 2, agent: 'git revert', reverts: { commit: tip } });
  });

  it('that conflicts names the paths and is finished in its worktree, whatever git ended with', () => {
    const { one, revert } = reverting();
    one.send({ type: 'process-ended', runId: revert, status: { status: 'exited', exitCode: 1, endTime: 900 } });
    const branch = { checkedOut: 'roadmap-us-001-undo' };
    const conflict = { dirty: ['ROADMAP.md', 'a.txt'], unmerged: ['a.txt'], operation: 'revert' };
    const facts = goodBranch({ ...branch, ...conflict, commits: 0, files: [] });
    one.answer('git.judge', { type: 'judged', runId: revert, facts, result: null });
    expect(one.run(revert)).toMatchObject({
      state: 'needs-attention',
      reason: expect.stringMatching(/^it conflicts in a\.txt; resolve it in .* with "git revert --continue"$/),
    });
    one.send({ type: 'observed', observation: look({ git: { branches: { main: other } } }) });
    one.answer('git.judge', { type: 'judged', runId: revert, facts: goodBranch(branch), result: null });
    expect(one.run(revert).state).toBe('awaiting-approval');
  });

  it('is tried again as a revert, and has no agent that could be told anything', () => {
    const { one, revert } = reverting();
    one.send({ type: 'process-ended', runId: revert, status: { status: 'exited', exitCode: 1, endTime: 900 } });
    one.answer('git.judge', {
      type: 'judged',
      runId: revert,
      facts: goodBranch({ commits: 0, files: [] }),
      result: null,
    });
    expect(one.command({ type: 'resume', id: revert, message: 'go on' }).answer?.message).toContain(
      'US-001-UNDO is a revert by git and has no agent',
    );
    expect(one.command({ type: 'retry', id: revert }).answer?.ok).toBe(true);
    expect(one.run()).toMatchObject({ attempt: 2, agent: 'git revert', reverts: { commit: tip } });
    expect(one.state.adHoc).toHaveLength(1);
  });

  it('that has landed leaves nothing to rely on: what needs it waits, and it does not run again by itself', () => {
    const { one, runId } = reverted();
    expect(one.run(runId)).toMatchObject({ state: 'merged', takenBack: oid('f'), reason: 'reverted by ffffffffff' });
    const waits = (id: string) => planDetails(one.state).reasonsOf(id)[0]?.detail;
    expect(waits('US-001')).toBe('its landing was reverted; only you can run it again');
    expect(waits('US-002')).toBe('US-001 has not landed; its landing was reverted');
    expect(one.state.plan.ready).toEqual(['US-003']);
  });

  it('that has landed stops what needs it on its way, and how that merges now is looked at', () => {
    let dependent = '';
    const { one } = reverted(scene => {
      const files = goodBranch().files.map(file => ({ ...file, path: 'source/US-002/a.ts' }));
      dependent = scene.judged(goodBranch({ checkedOut: 'roadmap-002', files }), 'US-002').runId;
      const result = { outcome: 'clean', base: other, head, tree: oid('e') } as const;
      scene.answer('git.predict', { type: 'predicted', runId: dependent, head, result });
      scene.command({ type: 'approve', id: dependent });
      scene.command({ type: 'hold', id: dependent, held: true });
    });
    expect(one.run(dependent)).toMatchObject({
      state: 'blocked',
      reason: 'depends on US-001, which was reverted; accept that, or reject it',
    });
    const predicting = Object.values(one.state.inFlight).filter(({ kind }) => kind === 'git.predict');
    expect(predicting.map(({ runId }) => runId)).toContain(dependent);
  });

  it('counts for what it took away whichever of the two comes to the target last, and for nothing that is not there', () => {
    const { one, runId, revert } = reverted();
    const of = { runId, priorityId: 'US-001', at: 9 };
    const reason = 'main was reset';
    one.send({
      type: 'fact',
      event: { type: 'instance-cleaned', runId: revert, priorityId: 'US-001-UNDO', rescued: [], at: 9 },
    });
    one.send({ type: 'fact', event: { type: 'landing-stopped', ...of, state: 'blocked', reason, paths: [] } });
    expect(one.run(runId)).toMatchObject({ state: 'blocked', reason });
    expect(one.run(runId).takenBack).toBeUndefined();
    one.send({ type: 'fact', event: { type: 'landed', ...of, candidate: tip, statusWritten: true } });
    expect(one.run(runId)).toMatchObject({ state: 'merged', takenBack: oid('f') });
  });

  it('that is taken back itself brings back what it took away', () => {
    const { one, runId, revert } = reverted();
    one.command({ type: 'undo', id: revert });
    one.answer('git.undo', { type: 'undone', runId: revert, result: { outcome: 'moved' } });
    expect(one.run(revert).state).toBe('blocked');
    expect(one.run(runId)).toMatchObject({ state: 'merged', reason: null });
    expect(one.run(runId).takenBack).toBeUndefined();
    expect(one.state.plan.ready).toContain('US-002');
  });
});

describe('an item with a target of its own', () => {
  const released = [makeItem('US-001', { target: 'release' }), makeItem('US-003')];

  it('starts from it, lands on it, has an order of its own there, and is undone by a revert on it', () => {
    const one = new Scene(released);
    one.ready();
    one.landed();
    expect(one.run().target).toBe('release');
    // Where another branch stands is not followed, so it is never simply moved back.
    expect(one.command({ type: 'undo' }).answer?.message).toBe('No landing to undo.');
    const { answer, effects } = one.command({ type: 'undo', id: 'US-001' });
    expect(answer?.message).toBe('US-001-UNDO reverts it on a branch that lands on release when you approve it.');
    expect(effects).toMatchObject([{ type: 'git.createWorktree' }]);
    expect(one.state.instances.at(-1)).toMatchObject({ key: 'US-001-UNDO', target: 'release' });
  });
});

describe('what somebody else has landed commit by commit', () => {
  /** US-001 with two commits, found on the target. */
  function foundAs(found: { readonly style: 'rebase' | 'ff'; readonly from?: string }): Scene {
    const one = scene();
    const { runId } = one.predicted('US-001', goodBranch({ commits: 2 }));
    const there = found.style === 'ff' ? head : tip;
    const git = { targetTip: base, branches: { main: base, 'roadmap-001': head } };
    one.ready(look({ git, merged: { [runId]: { oid: there, ...found } } }));
    return one;
  }

  it.each([
    ['in a row', { style: 'rebase', from: other }, { commit: tip, merge: false, base: other }],
    ['as the branch itself', { style: 'ff' }, { commit: head, merge: false, base }],
  ] as const)('%s is reverted as a whole', (_, found, reverts) => {
    const one = foundAs(found);
    expect(one.run().landedAs).toMatchObject({ by: 'other', style: found.style });
    const { facts } = one.command({ type: 'undo', id: 'US-001' });
    expect(facts).toContainEqual(
      expect.objectContaining({
        type: 'item-added',
        item: expect.objectContaining({ reverts: { runId: expect.any(String), ...reverts } }),
      }),
    );
  });

  it('with something else between is refused with what to do', () => {
    const { answer } = foundAs({ style: 'rebase' }).command({ type: 'undo', id: 'US-001' });
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('not all in one row') });
  });
});
