import { describe, expect, it } from 'vitest';
import { isIdle } from '../../../source/coordinator/state/idle.ts';
import type { CheckResult } from '../../../source/domain/queue/merge-entry.ts';
import type { LandResult, Prediction, PrepareResult } from '../../../source/ports/git.ts';
import { knownScope, makeItem } from '../../helpers/core/planning.ts';
import { agent, base, file, goodBranch, head, look, oid, Scene } from '../../helpers/core/scene.ts';

const item = makeItem('US-001');
const candidate = oid('c');
const moved = oid('e');

function scene(settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
  const made = new Scene([item, makeItem('US-002')], settings);
  made.ready();
  return made;
}

function prepared(one: Scene, result: PrepareResult) {
  const { runId, merge } = one.run();
  return one.answer('git.prepare', { type: 'prepared', runId, head: merge.approvedHead ?? head, result });
}

function landed(one: Scene, result: LandResult) {
  return one.answer('git.land', { type: 'landed', runId: one.run().runId, result });
}

function predicted(one: Scene, answer: Prediction) {
  const result = answer.outcome === 'unknown' ? answer : { ...answer, base: one.state.targetTip ?? base };
  return one.answer('git.predict', { type: 'predicted', runId: one.run().runId, head, result });
}

function checked(one: Scene, outcome: CheckResult['outcome']) {
  const result = { candidate, commandHash: '15e26971', outcome, detail: `"test": ${outcome}` };
  return one.answer('checks.run', { type: 'checked', runId: one.run().runId, result });
}

const clean: Prediction = { outcome: 'clean', base, head, tree: oid('a') };
const conflict: Prediction = { outcome: 'conflict', base, head, paths: ['a.ts', 'b\u0007.ts'] };

describe('approving', () => {
  it('is done by policy for what is clean, in scope and owned', () => {
    const one = scene({ approve: 'clean' });
    const { runId } = one.judged();
    expect(one.run().state).toBe('awaiting-approval');
    expect(predicted(one, clean)).toEqual({
      facts: [
        { type: 'merge-predicted', runId, prediction: 'clean', head, paths: [], base },
        { type: 'merge-approved', runId, priorityId: 'US-001', head, by: 'policy', accepted: [] },
      ],
      effects: [{ type: 'git.prepare', runId, head, effectId: 5 }],
      answer: null,
    });
  });

  it.each<[string, Prediction]>([
    ['conflicts', conflict],
    ['is not known to merge', { outcome: 'unknown', message: 'git failed' }],
    ['would merge as nothing', { outcome: 'empty', base, head }],
  ])('is not done by policy for what %s', (_, prediction) => {
    const one = scene({ approve: 'clean' });
    one.judged();
    predicted(one, prediction);
    expect(one.run().merge.approvedHead).toBeNull();
    expect(one.underWay).toEqual([]);
  });

  it('names a head: one that has moved since is refused, and nothing changes', () => {
    const one = scene();
    one.predicted();
    const { facts, answer } = one.command({ type: 'approve', id: 'US-001', head: oid('f') });
    expect(facts).toEqual([]);
    expect(answer?.message).toBe('US-001 has new commits since your review (now at dddddddddd). Review it again.');
  });

  it('is void where the branch has moved when it is merged', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    expect(prepared(one, { outcome: 'moved', head: moved })).toEqual({
      facts: [
        {
          type: 'approval-voided',
          runId,
          priorityId: 'US-001',
          reason: 'its branch moved after it was approved',
        },
      ],
      effects: [{ type: 'git.judge', runId, effectId: 6 }],
      answer: null,
    });
    expect(one.run().merge).toMatchObject({ approvedHead: null, candidate: null });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ head: moved, commits: 2 }), result: null });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', head: moved });
  });

  it.each([
    ['moved', moved],
    ['was deleted', null],
  ])('is void where the branch %s before it lands', (what, now) => {
    const one = scene();
    const { runId } = one.prepared();
    expect(landed(one, { outcome: 'head-moved', head: now })).toEqual({
      facts: [
        { type: 'approval-voided', runId, priorityId: 'US-001', reason: `its branch ${what} after it was approved` },
      ],
      effects: [{ type: 'git.judge', runId, effectId: 7 }],
      answer: null,
    });
    expect(one.run().merge).toMatchObject({ approvedHead: null, candidate: null });
  });

  it('is void where the branch moves while it is checked, and nobody waits for those checks any more', () => {
    const one = scene({ checks: ['true'] });
    const { runId } = one.prepared();
    expect(one.run().state).toBe('checking');
    const { facts, effects } = one.ready(look({ git: { branches: { main: base, 'roadmap-001': moved } } }));
    expect(facts).toContainEqual({
      type: 'approval-voided',
      runId,
      priorityId: 'US-001',
      reason: 'its branch moved after it was approved',
    });
    expect(effects).toContainEqual({ type: 'checks.stop', runId });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ head: moved, commits: 2 }), result: null });
    expect(checked(one, 'passed').facts).toEqual([]);
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', head: moved });
  });

  it('of a branch that may not land takes the acceptance of each violation', () => {
    const one = scene();
    one.judged(goodBranch({ files: [file('other.ts'), file('third.ts')] }));
    predicted(one, clean);
    expect(one.run()).toMatchObject({ state: 'blocked', merge: { prediction: 'clean' } });
    expect(one.command({ type: 'approve', id: 'US-001' }).answer).toEqual({
      ok: false,
      message: "US-001 cannot land: other.ts is outside the item's scope; third.ts is outside the item's scope.",
      runIds: [],
    });
    expect(one.command({ type: 'approve', id: 'US-001', accept: ['scope other.ts'] }).answer?.ok).toBe(false);
    const { answer } = one.command({ type: 'approve', id: 'US-001', accept: ['scope other.ts', 'scope third.ts'] });
    expect(answer?.ok).toBe(true);
    expect(one.run()).toMatchObject({ state: 'queued', merge: { accepted: ['scope other.ts', 'scope third.ts'] } });
  });

  it('of all takes only what is clean, in the order of the runs', () => {
    const one = scene();
    one.judged(goodBranch({ files: [file('other.ts')] }));
    expect(one.command({ type: 'approve-all' }).answer).toEqual({
      ok: false,
      message: 'No branch is clean, without violations and without warnings.',
      runIds: [],
    });
    const second = one.predicted('US-002', goodBranch({ files: [file('source/US-002/a')], checkedOut: 'roadmap-002' }));
    expect(one.command({ type: 'approve-all' }).answer).toEqual({
      ok: true,
      message: 'Queued 1 branch to land.',
      runIds: [second.runId],
    });
  });
});

describe('conflicts', () => {
  it('are predicted, and leave by themselves when the target has moved on', () => {
    const one = scene();
    const { runId } = one.judged();
    predicted(one, conflict);
    const reason = 'conflicts with main: a.ts, b\\x07.ts';
    expect(one.run()).toMatchObject({ state: 'conflict', reason, merge: { conflicts: ['a.ts', 'b\u0007.ts'] } });
    const { effects } = one.send({ type: 'target-moved', tip: moved });
    expect(effects).toEqual([{ type: 'sources.read' }, { type: 'git.predict', runId, head, effectId: 5 }]);
    predicted(one, { ...clean, base: moved });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', reason: null, merge: { conflicts: [] } });
  });

  it('of a branch that may not land leave it blocked', () => {
    const one = scene();
    one.judged(goodBranch({ files: [file('other.ts')] }));
    predicted(one, conflict);
    one.send({ type: 'target-moved', tip: moved });
    predicted(one, clean);
    expect(one.run()).toMatchObject({ state: 'blocked', reason: "other.ts is outside the item's scope" });
  });

  it('found while merging take the approval with them, and can leave again', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    expect(prepared(one, { outcome: 'conflict', paths: ['a.ts'] }).facts).toEqual([
      {
        type: 'landing-stopped',
        runId,
        priorityId: 'US-001',
        state: 'conflict',
        reason: 'conflicts with main: a.ts',
        paths: ['a.ts'],
      },
    ]);
    expect(one.run().merge).toMatchObject({ approvedHead: null, prediction: 'conflict', conflicts: ['a.ts'] });
    expect(predicted(one, { outcome: 'conflict', base, head, paths: ['a.ts'] }).facts).toEqual([]);
    one.send({ type: 'target-moved', tip: moved });
    predicted(one, clean);
    expect(one.run().state).toBe('awaiting-approval');
  });

  it('found while merging with a target that has moved on since are looked at once more', () => {
    const one = scene();
    one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    one.send({ type: 'target-moved', tip: moved });
    prepared(one, { outcome: 'conflict', paths: ['a.ts'] });
    expect(one.run().state).toBe('conflict');
    predicted(one, clean);
    expect(one.run().state).toBe('awaiting-approval');
  });

  it('are told by the newest prediction alone', () => {
    const one = scene();
    const { runId } = one.judged();
    const old = one.effectId('git.predict');
    one.send({ type: 'target-moved', tip: moved });
    one.send({ type: 'outcome', effectId: old, outcome: { type: 'predicted', runId, head, result: conflict } });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', merge: { prediction: 'unknown' } });
    predicted(one, clean);
    expect(one.run().merge.prediction).toBe('clean');
  });

  it('that could not be predicted are unknown, and tried again with the next look', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.send({ type: 'target-moved', tip: moved });
    const { facts } = one.fails('git.predict');
    expect(facts).toEqual([
      { type: 'merge-predicted', runId, prediction: 'unknown', head, paths: [], base: null },
      { type: 'notice-raised', level: 'error', text: 'US-001: the disk is full', runId },
    ]);
    const git = { branches: { main: moved, 'roadmap-001': head }, targetTip: moved };
    const { effects } = one.send({ type: 'observed', observation: look({ git }) });
    expect(effects).toEqual([{ type: 'git.predict', runId, head, effectId: 6 }]);
  });

  it('with another tip than the target is known to have are unknown, and the target is read again', () => {
    const one = scene();
    const { runId } = one.judged();
    const result = { ...clean, base: moved };
    expect(one.answer('git.predict', { type: 'predicted', runId, head, result })).toEqual({
      facts: [],
      effects: [{ type: 'target.read' }],
      answer: null,
    });
    expect(one.run().merge.prediction).toBe('unknown');
    const { effects } = one.send({ type: 'target-moved', tip: moved });
    expect(effects).toContainEqual({ type: 'git.predict', runId, head, effectId: 5 });
  });

  it('of another head say nothing', () => {
    const one = scene();
    const { runId } = one.judged();
    one.answer('git.predict', { type: 'predicted', runId, head: oid('f'), result: conflict });
    expect(one.run().state).toBe('awaiting-approval');
  });
});

describe('checks', () => {
  it('that fail keep the branch out, until it is tried again', () => {
    const one = scene({ checks: [['test']] });
    const { runId } = one.prepared();
    const { facts } = checked(one, 'failed');
    expect(facts.at(-1)).toEqual({
      type: 'landing-stopped',
      runId,
      priorityId: 'US-001',
      state: 'checks-failed',
      reason: '"test": failed',
      paths: [],
    });
    expect(one.underWay).toEqual([]);
    expect(one.command({ type: 'retry', id: 'US-001' }).answer?.message).toBe('Rebuilding and checking US-001.');
    expect(one.underWay).toEqual(['git.prepare']);
  });

  it('that could not be judged are run once more on the same candidate, and no more', () => {
    const one = scene({ checks: [['test']] });
    const { runId } = one.prepared();
    expect(checked(one, 'error').effects).toEqual([{ type: 'checks.run', runId, candidate, effectId: 7 }]);
    checked(one, 'error');
    expect(one.run()).toMatchObject({ state: 'checks-failed', reason: 'could not be checked: "test": error' });
    expect(one.underWay).toEqual([]);
  });

  it('passed once are not run again where nothing has changed', () => {
    const one = scene({ checks: [['test']] });
    one.prepared();
    checked(one, 'passed');
    landed(one, { outcome: 'blocked', message: 'Your changes to a.ts are in the way.', paths: ['a.ts'] });
    expect(one.command({ type: 'retry', id: 'US-001' }).effects.map(effect => effect.type)).toEqual(['git.land']);
  });

  it('passed for other commands count for nothing', () => {
    const one = scene({ checks: [['test']] });
    one.prepared();
    checked(one, 'passed');
    landed(one, { outcome: 'blocked', message: 'in the way', paths: [] });
    one.state = { ...one.state, settings: { ...one.state.settings, checks: [['test'], ['lint']] } };
    expect(one.command({ type: 'retry', id: 'US-001' }).effects.map(effect => effect.type)).toEqual(['checks.run']);
  });

  it('of a target that has moved meanwhile are made again', () => {
    const one = scene({ checks: [['test']] });
    const { runId } = one.prepared();
    const { facts, effects: stops } = one.send({ type: 'target-moved', tip: moved });
    expect(facts.at(-1)).toMatchObject({ type: 'landing-stopped', state: 'queued' });
    expect(stops).toContainEqual({ type: 'checks.stop', runId });
    const { effects } = checked(one, 'passed');
    expect(effects).toEqual([{ type: 'git.prepare', runId, head, effectId: 7 }]);
  });

  it('of a branch that was rejected meanwhile are nobody’s business', () => {
    const one = scene({ checks: [['test']] });
    one.prepared();
    one.command({ type: 'reject', id: 'US-001', reason: 'no' });
    expect(checked(one, 'passed')).toEqual({ facts: [], effects: [], answer: null });
    expect(one.run().state).toBe('rejected');
  });

  it('that cannot be run leave the branch waiting, with its candidate', () => {
    const one = scene({ checks: [['test']] });
    one.prepared();
    one.fails('checks.run');
    expect(one.run()).toMatchObject({ state: 'blocked', reason: 'the disk is full', merge: { approvedHead: head } });
  });
});

describe('landing', () => {
  it('is merged and checked again where the target has moved', () => {
    const one = scene();
    const { runId } = one.prepared();
    expect(landed(one, { outcome: 'target-moved', tip: moved, rewound: false })).toEqual({
      facts: [
        {
          type: 'landing-stopped',
          runId,
          priorityId: 'US-001',
          state: 'queued',
          reason: 'main moved; rebuilding and checking again',
          paths: [],
        },
      ],
      effects: [{ type: 'sources.read' }, { type: 'git.prepare', runId, head, effectId: 7 }],
      answer: null,
    });
    expect(one.run().merge).toMatchObject({ approvedHead: head, candidate: null });
    one.prepare(oid('f'), moved);
    landed(one, { outcome: 'landed' });
    expect(one.run()).toMatchObject({ state: 'merged', merge: { landed: oid('f') } });
  });

  it('tells of what somebody saved at that very moment', () => {
    const one = scene();
    one.prepared();
    const saved = 'a.txt was saved while a landing replaced it; what was saved is kept in /x.';
    landed(one, { outcome: 'landed', remark: saved });
    expect(one.run().state).toBe('merged');
    expect(one.state.notices).toContainEqual(expect.objectContaining({ level: 'warning', text: saved }));
  });

  it('that was cut off is finished although the queue is paused, and nothing else lands', () => {
    const one = scene();
    const { runId } = one.prepared();
    one.send({ type: 'fact', event: { type: 'queue-paused', paused: true, reason: 'it was moved back', at: 1 } });
    const again = new Scene([item], {}, { durable: one.state });
    const told = again.ready(
      look({ git: { branches: { main: base, 'roadmap-001': head } }, landed: { [runId]: false } }),
    );
    expect(told.effects).toMatchObject([{ type: 'git.land', runId, base, candidate: oid('c') }]);
    expect(isIdle(again.state)).toBe(false);
    landed(again, { outcome: 'target-moved', tip: moved, rewound: true });
    expect(again.run().state).toBe('queued');
    expect(again.underWay).toEqual([]);
    expect(isIdle(again.state)).toBe(true);
  });

  it('stops altogether where the target was moved back, until the queue is resumed', () => {
    const one = scene();
    const { runId } = one.prepared();
    landed(one, { outcome: 'target-moved', tip: moved, rewound: true });
    expect(one.state.queuePaused).toBe('main was reset to an earlier commit; nothing lands until you resume the queue');
    expect(one.underWay).toEqual([]);
    const { effects } = one.command({ type: 'resume-queue' });
    expect(effects).toEqual([{ type: 'git.prepare', runId, head, effectId: 7 }]);
  });

  it('pauses where settings changed while another run is at work, and goes on once that is accepted', () => {
    const one = scene();
    const { runId } = one.prepared();
    const first = () => one.state.instances.find(run => run.runId === runId);
    const other = one.running('US-002');
    const changes = [{ tree: null, path: 'config core.autocrlf', stamp: 'a' }];
    one.send({
      type: 'outside-seen',
      runId: other.runId,
      report: { changes, work: [], onTarget: false, unknown: null },
    });
    expect(one.state.queuePaused).toBe(
      'while US-002 ran, what git runs or shows for you changed (config core.autocrlf); nothing lands until you accept that',
    );
    one.answer('git.land', { type: 'failed', runId, kind: 'git.land', message: 'It changed.' });
    expect(first()?.state).toBe('blocked');
    expect(one.underWay).toEqual([]);
    one.command({ type: 'resume-queue' });
    const branches = { main: base, 'roadmap-001': head };
    one.send({ type: 'observed', observation: look({ git: { branches } }) });
    expect(one.underWay).toContain('git.land');
  });

  it('tells every reason for which it is paused', () => {
    const one = scene();
    one.prepared();
    landed(one, { outcome: 'target-moved', tip: moved, rewound: true });
    const first = one.state.queuePaused ?? '';
    const { runId } = one.running('US-002');
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 900 } });
    const facts = goodBranch({ files: [file('source/US-002/a')], checkedOut: 'roadmap-002' });
    const changes = [{ tree: null, path: 'config core.fsmonitor', stamp: 'a' }];
    const outside = { changes, work: [], onTarget: false, unknown: null };
    one.answer('git.judge', { type: 'judged', runId, facts, result: null, outside });
    const second = 'while US-002 ran, what git runs or shows for you changed (config core.fsmonitor)';
    const both = `${first}; ${second}; nothing lands until you accept that`;
    expect(one.state.queuePaused).toBe(both);
    // Whoever has only seen the first has not accepted the second.
    expect(one.command({ type: 'resume-queue', reason: first }).answer?.ok).toBe(false);
    expect(one.state.queuePaused).toBe(both);
    one.command({ type: 'resume-queue', reason: both });
    expect(one.state.queuePaused).toBeNull();
  });

  it('waits while the user’s own changes are in the way, and is tried again with every look', () => {
    const one = scene();
    const { runId } = one.prepared();
    landed(one, { outcome: 'blocked', message: 'Your changes to a.ts are in the way.', paths: ['a.ts'] });
    expect(one.run()).toMatchObject({
      state: 'blocked',
      reason: 'Your changes to a.ts are in the way.',
      merge: { conflicts: ['a.ts'], approvedHead: head },
    });
    const notices = one.state.notices.length;
    const { facts, effects } = one.send({
      type: 'observed',
      observation: look({ git: { branches: { main: base, 'roadmap-001': head } } }),
    });
    expect(facts.map(fact => fact.type)).toEqual(['landing-stopped', 'landing-started']);
    expect(effects).toContainEqual({ type: 'git.land', runId, base, candidate, effectId: one.effectId('git.land') });
    landed(one, { outcome: 'blocked', message: 'Your changes to a.ts are in the way.', paths: ['a.ts'] });
    expect(one.state.notices.length).toBe(notices);
  });

  it('is tried again when the target moves', () => {
    const one = scene();
    const { runId } = one.prepared();
    landed(one, { outcome: 'failed', message: 'git is broken' });
    expect(one.run()).toMatchObject({ state: 'blocked', reason: 'git is broken' });
    const { effects } = one.send({ type: 'target-moved', tip: moved });
    expect(effects).toEqual([{ type: 'sources.read' }, { type: 'git.prepare', runId, head, effectId: 7 }]);
  });

  it('that cannot be merged now waits with its approval', () => {
    const one = scene();
    one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    prepared(one, { outcome: 'failed', message: 'no space' });
    expect(one.run()).toMatchObject({ state: 'blocked', reason: 'no space', merge: { approvedHead: head } });
  });

  it('that is not possible from where the target stands waits at rest, until target or way of landing have changed', () => {
    const one = scene({ landing: 'ff' });
    one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    const notBuiltOn: PrepareResult = { outcome: 'failed', message: 'it is not built on the tip of main', base };
    const atBase = look({ git: { branches: { main: base, 'roadmap-001': head } } });
    prepared(one, notBuiltOn);
    expect(one.send({ type: 'observed', observation: atBase }).facts).toEqual([]);
    expect(one.run()).toMatchObject({
      state: 'blocked',
      reason: 'it is not built on the tip of main',
      merge: { approvedHead: head },
    });
    one.send({ type: 'target-moved', tip: moved });
    expect(one.underWay).toContain('git.prepare');
    prepared(one, { ...notBuiltOn, base: moved });
    const atMoved = look({ git: { branches: { main: moved, 'roadmap-001': head }, targetTip: moved } });
    expect(one.send({ type: 'observed', observation: atMoved }).facts).toEqual([]);
    one.send({ type: 'settings-changed', settings: { ...one.state.settings, landing: 'merge' } });
    one.send({ type: 'observed', observation: atMoved });
    expect(one.underWay).toContain('git.prepare');
  });

  it('of nothing is no work', () => {
    const one = scene();
    one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    prepared(one, { outcome: 'empty' });
    expect(one.run()).toMatchObject({ state: 'no-work', reason: 'everything in it is already on main' });
  });

  it('whose answer was lost is found to have happened', () => {
    const one = scene();
    const { runId } = one.prepared();
    one.fails('git.land', 'timed out');
    expect(one.run().state).toBe('blocked');
    one.send({ type: 'target-moved', tip: moved });
    const told = prepared(one, { outcome: 'empty' });
    expect(told.effects).toEqual([{ type: 'git.land', runId, base, candidate, effectId: 8 }]);
    landed(one, { outcome: 'landed' });
    expect(one.run()).toMatchObject({ state: 'merged', merge: { landed: candidate } });
  });

  it('whose answer was lost and that has not happened ends as nothing to land, not in a circle', () => {
    const one = scene();
    one.prepared();
    one.fails('git.land', 'timed out');
    one.send({ type: 'target-moved', tip: moved });
    prepared(one, { outcome: 'empty' });
    landed(one, { outcome: 'target-moved', tip: moved, rewound: false });
    prepared(one, { outcome: 'empty' });
    expect(one.run().state).toBe('no-work');
    expect(one.underWay).toEqual([]);
  });

  it('is never asked for with a candidate that has not passed the checks, even to find out what became of it', () => {
    const checks = { checks: [['test']] };
    const one = scene(checks);
    const { runId } = one.prepared();
    expect(one.run().state).toBe('checking');
    const again = new Scene([item], checks, { durable: one.state });
    const branches = { main: moved, 'roadmap-001': head };
    again.ready(look({ git: { branches, targetTip: moved }, landed: { [runId]: false } }));
    const told = prepared(again, { outcome: 'empty' });
    expect(told.effects.map(({ type }) => type)).not.toContain('git.land');
    expect(again.run().state).toBe('no-work');
  });

  it('is one at a time, first approved first', () => {
    const one = scene();
    const first = one.predicted('US-001');
    const second = one.predicted('US-002', goodBranch({ files: [file('source/US-002/a')], checkedOut: 'roadmap-002' }));
    one.command({ type: 'approve', id: second.runId });
    one.at += 1;
    expect(one.command({ type: 'approve', id: first.runId }).effects).toEqual([]);
    expect(Object.values(one.state.inFlight)).toEqual([{ kind: 'git.prepare', runId: second.runId }]);
    one.prepare(oid('1'));
    const { effects } = landed(one, { outcome: 'landed' });
    expect(effects).toEqual([
      { type: 'sources.read' },
      { type: 'git.prepare', runId: first.runId, head, effectId: one.effectId('git.prepare') },
    ]);
  });

  it('sends the next one to be predicted anew', () => {
    const one = scene();
    const first = one.predicted('US-001');
    const second = one.predicted('US-002', goodBranch({ files: [file('source/US-002/a')], checkedOut: 'roadmap-002' }));
    one.command({ type: 'approve', id: first.runId });
    const answer = {
      type: 'prepared',
      runId: first.runId,
      head,
      result: { outcome: 'prepared', candidate, base, statusWritten: true },
    } as const;
    one.answer('git.prepare', answer);
    const { effects } = one.answer('git.land', { type: 'landed', runId: first.runId, result: { outcome: 'landed' } });
    expect(effects).toContainEqual({
      type: 'git.predict',
      runId: second.runId,
      head,
      effectId: one.effectId('git.predict'),
    });
  });

  it('looks at the target again where that may have gone on', () => {
    const one = scene();
    one.prepared();
    one.send({ type: 'target-moved', tip: moved });
    const { effects } = landed(one, { outcome: 'landed' });
    expect(effects).toEqual([{ type: 'target.read' }]);
    expect(one.state.targetTip).toBe(moved);
  });

  it('that comes too late for a rejected branch is not merged', () => {
    const one = scene();
    one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    one.command({ type: 'reject', id: 'US-001', reason: 'no' });
    const told = one.answer('git.prepare', {
      type: 'prepared',
      runId: one.run().runId,
      head,
      result: { outcome: 'prepared', candidate, base, statusWritten: false },
    });
    expect(told).toEqual({ facts: [], effects: [], answer: null });
  });

  it('of a rejected branch that fails does not bring it back', () => {
    const one = scene();
    one.predicted();
    one.command({ type: 'approve', id: 'US-001' });
    one.command({ type: 'reject', id: 'US-001', reason: 'no' });
    one.fails('git.prepare');
    expect(one.run().state).toBe('rejected');
  });

  it('is not taken from it by a judgement that was asked for before', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.send({ type: 'observed', observation: look({ git: { branches: { main: base, 'roadmap-001': moved } } }) });
    const judging = one.effectId('git.judge');
    one.command({ type: 'approve', id: 'US-001' });
    one.prepare();
    const late = { type: 'judged', runId, facts: goodBranch({ head: moved }), result: null } as const;
    expect(one.send({ type: 'outcome', effectId: judging, outcome: late }).facts).toEqual([]);
    landed(one, { outcome: 'landed' });
    expect(one.run().state).toBe('merged');
  });

  it('on another target than this start’s says nothing of ours', () => {
    const one = scene();
    one.prepared();
    one.state = { ...one.state, target: 'other', targetTip: oid('9') };
    landed(one, { outcome: 'landed' });
    expect(one.run().state).toBe('merged');
    expect(one.state.targetTip).toBe(oid('9'));
  });
});

describe('the status line', () => {
  const roadmap = { roadmapStatus: 'commit' as const };

  it('is part of what lands, or written in a commit of its own once the queue is empty', () => {
    const one = scene(roadmap);
    const { runId } = one.prepared();
    const { facts, effects } = landed(one, { outcome: 'landed' });
    expect(facts).toEqual([{ type: 'landed', runId, priorityId: 'US-001', candidate, statusWritten: false }]);
    expect(effects).toEqual([{ type: 'sources.read' }, { type: 'git.writeStatus', runId, effectId: 7 }]);
    expect(one.state.pendingStatus).toEqual([runId]);
    expect(one.answer('git.writeStatus', { type: 'status-written', runId, ok: true })).toEqual({
      facts: [{ type: 'status-written', runId, priorityId: 'US-001' }],
      effects: [{ type: 'sources.read' }, { type: 'target.read' }],
      answer: null,
    });
    expect(one.state.pendingStatus).toEqual([]);
  });

  it('that cannot be written is tried again with the next look, not at once', () => {
    const one = scene(roadmap);
    const { runId } = one.landed();
    expect(one.answer('git.writeStatus', { type: 'status-written', runId, ok: false }).effects).toEqual([]);
    expect(one.send({ type: 'tick' }).effects).toEqual([]);
    const observation = look({ git: { targetTip: candidate, branches: { main: candidate, 'roadmap-001': head } } });
    expect(one.send({ type: 'observed', observation }).effects).toEqual([
      { type: 'git.writeStatus', runId, effectId: 8 },
    ]);
    one.fails('git.writeStatus');
    expect(one.state.pendingStatus).toEqual([runId]);
  });
});

describe('cleaning up', () => {
  it('removes what has landed, with the losses that the user agreed to', () => {
    const one = scene();
    const { runId } = one.landed();
    const confirmedLoss = { [runId]: ['.env'] };
    expect(one.command({ type: 'clean', ids: [], confirmedLoss })).toEqual({
      facts: [{ type: 'cleanup-started', runId, confirmedLoss: ['.env'] }],
      effects: [{ type: 'git.clean', runId, confirmedLoss: ['.env'], effectId: 7 }],
      answer: { ok: true, message: 'Cleaning up 1 worktree.', runIds: [runId] },
    });
    const result = { outcome: 'removed', rescued: [] } as const;
    expect(one.answer('git.clean', { type: 'cleaned', runId, result }).facts).toEqual([
      { type: 'instance-cleaned', runId, priorityId: 'US-001', rescued: [] },
    ]);
    expect(one.run().state).toBe('cleaned');
    expect(one.state.cleaning).toEqual([]);
  });

  it('keeps what may not go, and says why', () => {
    const one = scene();
    const { runId } = one.landed();
    one.command({ type: 'clean', ids: ['US-001'], confirmedLoss: {} });
    const result = { outcome: 'kept', reasons: ['a\u0007 would be lost.'] } as const;
    one.answer('git.clean', { type: 'cleaned', runId, result });
    expect(one.run().state).toBe('merged');
    expect(one.state.cleaning).toEqual([]);
    expect(one.state.notices.at(-1)?.text).toBe('US-001 kept: a␇ would be lost.');
  });

  it('that cannot be performed keeps everything', () => {
    const one = scene();
    one.landed();
    one.command({ type: 'clean', ids: [], confirmedLoss: {} });
    one.fails('git.clean');
    expect(one.run().state).toBe('merged');
    expect(one.state.cleaning).toEqual([]);
  });
});

describe('several at once', () => {
  it('a landing frees its scope and its dependents', () => {
    const shared = { scope: knownScope('shared/') };
    const one = new Scene(
      [makeItem('US-001', shared), makeItem('US-002', { ...shared, dependsOn: ['US-001'] })],
      {},
      { mode: 'auto' },
    );
    one.ready();
    const { runId } = one.run();
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 5 } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ files: [file('shared/a')] }), result: null });
    predicted(one, clean);
    one.command({ type: 'approve-all' });
    one.prepare();
    expect(one.state.instances).toHaveLength(1);
    const { facts } = landed(one, { outcome: 'landed' });
    expect(facts.map(fact => fact.type)).toEqual(['landed', 'instance-requested']);
    expect(one.run().key).toBe('US-002');
  });
});
