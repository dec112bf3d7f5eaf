import { describe, expect, it } from 'vitest';
import type { Command } from '../../source/ports/commands.ts';
import { makeItem, unknownScope } from '../helpers/core/planning.ts';
import { base, file, goodBranch, oid, Scene } from '../helpers/core/scene.ts';

const item = makeItem('US-001');

function scene(settings: ConstructorParameters<typeof Scene>[1] = {}, items = [item, makeItem('US-002')]): Scene {
  const made = new Scene(items, settings);
  made.ready();
  return made;
}

/** The sentence with which a command is refused; nothing may have changed. */
function refusal(one: Scene, command: Command): string {
  const before = one.state;
  const { facts, effects, answer } = one.command(command);
  expect({ ok: answer?.ok, facts, effects }).toEqual({ ok: false, facts: [], effects: [] });
  expect(one.state).toEqual(before);
  return answer?.message ?? '';
}

describe('commands are refused with a sentence', () => {
  it('that names what does not exist', () => {
    const one = scene();
    expect(refusal(one, { type: 'spawn', id: 'US-9' })).toBe('Unknown item "US-9". Run "cm-tui roadmap" for a list.');
    expect(refusal(one, { type: 'cancel', id: 'US-9' })).toBe('Unknown run "US-9". Run "cm-tui status" for a list.');
    expect(refusal(one, { type: 'pin', id: 'US-9', pinned: true })).toContain('Unknown item "US-9"');
    expect(refusal(one, { type: 'clean', ids: ['US-9'], confirmedLoss: {} })).toBe('Unknown run "US-9".');
  });

  it('that names what stands twice', () => {
    const twins = [7, 9].map(line => makeItem(`US-001@${line}`, { line, duplicate: true }));
    expect(refusal(scene({}, twins), { type: 'spawn', id: 'US-001' })).toBe(
      '"US-001" is 2 times in the ROADMAP. Name one of US-001@7, US-001@9.',
    );
  });

  it('that spawns what runs already: the first is named by pid and start', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    expect(refusal(one, { type: 'spawn', id: 'US-001' })).toBe(
      'US-001 is already running (it is being prepared, since 1970-01-01T00:00:01.000Z). Cancel it first with "cm-tui cancel US-001".',
    );
    const other = scene();
    other.running();
    expect(refusal(other, { type: 'retry', id: 'US-001' })).toContain('US-001 is already running (pid 4711, since');
  });

  it('that spawns what may not run now', () => {
    const items = [item, makeItem('US-002', { dependsOn: ['US-001'] }), makeItem('US-003', { scope: item.scope })];
    const one = scene({}, items);
    one.running();
    expect(refusal(one, { type: 'spawn', id: 'US-002' })).toBe('Cannot spawn US-002 now: US-001 has not landed.');
    expect(refusal(one, { type: 'spawn', id: 'US-003' })).toBe(
      'Cannot spawn US-003 now: US-001 runs and also changes source/US-001/.',
    );
  });

  it('that spawns more than the machine can bear', () => {
    const one = scene({ maxParallel: 1 });
    one.running();
    expect(refusal(one, { type: 'spawn', id: 'US-002' })).toBe(
      'Cannot spawn US-002 now: limit reached: 1 of 1 running.',
    );
  });

  it('that come before a repository that cannot be read', () => {
    const one = new Scene([item]);
    expect(one.command({ type: 'spawn', id: 'US-001' }).answer).toBeNull();
    const { answer } = one.send({ type: 'start-failed', message: 'git is not installed.' });
    expect(answer).toEqual({ ok: false, message: 'git is not installed.', runIds: [] });
    expect(refusal(one, { type: 'spawn', id: 'US-001' })).toBe('git is not installed.');
  });

  it('that approves what cannot land, and says why', () => {
    const running = scene();
    running.running();
    expect(refusal(running, { type: 'approve', id: 'US-001' })).toBe(
      'US-001 is still running. It can land once its agent has finished.',
    );
    const dirty = scene();
    dirty.judged(goodBranch({ dirty: ['a'] }));
    expect(refusal(dirty, { type: 'approve', id: 'US-001' })).toBe(
      'US-001 cannot land: it needs attention: left uncommitted: a. Check /home/user/shop-wt001, or retry it.',
    );
    const queued = scene();
    queued.prepared();
    expect(refusal(queued, { type: 'approve', id: 'US-001' })).toBe('US-001 is landing already.');
    const merged = scene();
    merged.landed();
    expect(refusal(merged, { type: 'approve', id: 'US-001' })).toBe('US-001 has already landed.');
  });

  it('that rejects or cancels what is past that', () => {
    const one = scene();
    one.landed();
    expect(refusal(one, { type: 'reject', id: 'US-001', reason: 'no' })).toBe('Cannot reject US-001: it has landed.');
    expect(refusal(one, { type: 'cancel', id: 'US-001' })).toBe('US-001 is not running: it has landed.');
    expect(refusal(one, { type: 'retry', id: 'US-001' })).toBe(
      'Cannot spawn US-001 now: US-001 has landed; clean it up to run it again.',
    );
  });

  it('that takes a landing back twice', () => {
    const one = scene();
    const { runId } = one.landed();
    one.send({ type: 'target-moved', tip: oid('9') });
    expect(one.command({ type: 'undo', id: runId }).answer?.ok).toBe(true);
    expect(one.run()).toMatchObject({ key: 'US-001-UNDO', reverts: { runId } });
    expect(refusal(one, { type: 'undo', id: runId })).toBe(
      'US-001-UNDO already reverts US-001 (it is being prepared). Reject it to start over.',
    );
  });

  it('that removes what is still at work', () => {
    const one = scene();
    one.running();
    expect(refusal(one, { type: 'clean', ids: ['US-001'], confirmedLoss: {} })).toBe(
      'US-001 is still running. Cancel it first.',
    );
  });
});

describe('cleaning up', () => {
  it('asks git of what has not landed, which keeps it where it holds work', () => {
    const one = scene();
    const { runId } = one.predicted();
    const { effects } = one.command({ type: 'clean', ids: ['US-001'], confirmedLoss: {} });
    expect(effects).toMatchObject([{ type: 'git.clean', runId }]);
    const reasons = ['roadmap-001 holds work that is not on main.'];
    one.answer('git.clean', { type: 'cleaned', runId, result: { outcome: 'kept', reasons } });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval' });
    expect(one.run().removed).toBeUndefined();
  });
});

describe('trying again', () => {
  it('takes the place of a branch that conflicts, which is kept', () => {
    const one = scene();
    const { runId } = one.judged();
    const result = { outcome: 'conflict', base, head: oid('d'), paths: ['a'] } as const;
    one.answer('git.predict', { type: 'predicted', runId, head: oid('d'), result });
    const { facts, effects } = one.command({ type: 'retry', id: 'US-001' });
    expect(facts).toMatchObject([
      { type: 'merge-rejected', runId, reason: 'replaced by a fresh attempt; its branch is kept' },
      { type: 'instance-requested', slug: '001-2', attempt: 2, branchName: 'roadmap-001-2' },
    ]);
    expect(effects.map(effect => effect.type)).toEqual(['git.createWorktree']);
  });

  it('gives nothing up where it cannot start', () => {
    const one = scene({ maxParallel: 1 });
    one.judged(goodBranch({ dirty: ['a'] }));
    one.running('US-002');
    expect(refusal(one, { type: 'retry', id: 'US-001' })).toContain('1 of 1 running');
  });

  it('of what a person was to look at: two branches of one item never both land', () => {
    const one = scene();
    const { runId } = one.judged(goodBranch({ dirty: ['a'] }));
    expect(one.command({ type: 'spawn', id: 'US-001' }).facts[0]).toMatchObject({ type: 'merge-rejected', runId });
  });

  it('takes the place of a branch that is blocked as well', () => {
    const one = scene();
    const { runId } = one.judged(goodBranch({ files: [file('elsewhere.txt')] }));
    expect(one.run().state).toBe('blocked');
    const { facts } = one.command({ type: 'retry', id: 'US-001' });
    expect(facts[0]).toMatchObject({ type: 'merge-rejected', runId });
  });

  it('of a failed run starts a second one with the same agent', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001', agent: 'aider' });
    one.answer('git.createWorktree', {
      type: 'worktree',
      runId: one.run().runId,
      result: { outcome: 'failed', message: 'no' },
    });
    one.command({ type: 'retry', id: 'US-001' });
    expect(one.run()).toMatchObject({ slug: '001-2', agent: 'aider', state: 'preparing' });
  });

  it('of what the ROADMAP no longer has is refused', () => {
    const one = scene();
    one.judged(goodBranch(), 'US-001', 1);
    one.readSources([]);
    expect(refusal(one, { type: 'retry', id: 'US-001' })).toBe('US-001 is no longer in the ROADMAP. Nothing started.');
  });
});

describe('other commands', () => {
  it('turn the work loop on and off, once', () => {
    const one = scene();
    const { facts, answer } = one.command({ type: 'set-mode', mode: 'auto' });
    expect(facts.map(fact => fact.type)).toEqual(['loop-changed', 'instance-requested', 'instance-requested']);
    expect(answer?.message).toBe('The work loop is on.');
    expect(one.command({ type: 'set-mode', mode: 'auto' }).facts).toEqual([]);
    expect(one.command({ type: 'set-mode', mode: 'manual' }).answer?.message).toBe('The work loop is off.');
  });

  it('pause new spawns and let them go on', () => {
    const one = scene();
    one.command({ type: 'pause', paused: true });
    expect(one.command({ type: 'set-mode', mode: 'auto' }).facts.map(fact => fact.type)).toEqual(['loop-changed']);
    const { facts } = one.command({ type: 'pause', paused: false });
    expect(facts.map(fact => fact.type)).toEqual(['spawns-paused', 'instance-requested', 'instance-requested']);
  });

  it('prefer an item', () => {
    const one = scene({ maxParallel: 1 });
    expect(one.command({ type: 'pin', id: 'US-002', pinned: true }).answer?.message).toBe('US-002 is pinned.');
    one.command({ type: 'set-mode', mode: 'auto' });
    expect(one.state.instances.map(run => run.key)).toEqual(['US-002']);
    expect(one.command({ type: 'pin', id: 'US-002', pinned: false }).facts).toEqual([
      { type: 'item-pinned', priorityId: 'US-002', pinned: false },
    ]);
    expect(one.state.pins).toEqual([]);
  });

  it('read everything again', () => {
    const { effects, answer } = scene().command({ type: 'refresh' });
    expect(effects).toEqual([{ type: 'sources.read' }, { type: 'target.read' }]);
    expect(answer?.message).toBe('Rereading the ROADMAP and the target.');
  });

  it('add an item of the user’s own under the next free name, and run it', () => {
    const one = scene({}, [makeItem('TASK-1'), item]);
    const wanted = makeItem('new', { prompt: 'do it', scope: unknownScope });
    const { facts, answer } = one.command({ type: 'run', item: wanted });
    expect(facts.map(fact => fact.type)).toEqual(['item-added', 'instance-requested']);
    expect(answer?.message).toBe('Spawned TASK-2 in /home/user/shop-wt002 on roadmap-002.');
    expect(one.run()).toMatchObject({ key: 'TASK-2', priorityId: 'TASK-2', scope: unknownScope });
  });

  it('keep such an item where it cannot run yet', () => {
    const one = scene({ maxParallel: 1 });
    one.running();
    const { answer } = one.command({ type: 'run', item: makeItem('new', { prompt: 'do it' }) });
    expect(answer).toEqual({
      ok: true,
      message: 'Added TASK-1. Cannot spawn TASK-1 now: limit reached: 1 of 1 running.',
      runIds: [],
      ask: {
        question: '1 of 1 running (maxParallel): start anyway?',
        command: { type: 'spawn', id: 'TASK-1', overCapacity: true },
      },
    });
    expect(one.state.adHoc.map(added => added.key)).toEqual(['TASK-1']);
  });

  it('reject a branch, whose work is kept', () => {
    const one = scene();
    one.judged(goodBranch({ files: [file('other')] }));
    const { answer } = one.command({ type: 'reject', id: 'US-001', reason: 'no' });
    expect(answer?.message).toBe('Rejected US-001. Its branch roadmap-001 is kept; approving it again undoes this.');
    expect(one.run()).toMatchObject({ state: 'rejected', reason: 'no', head: oid('d') });
  });

  it('name a run by its slug, branch, run id or item', () => {
    for (const name of ['001', 'roadmap-001', 'US-001', 'us-1', 'run6'.padEnd(16, '0')]) {
      const one = scene();
      one.running();
      expect(one.command({ type: 'cancel', id: name }).answer?.ok, name).toBe(true);
    }
  });
});
