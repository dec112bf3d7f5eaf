import { describe, expect, it } from 'vitest';
import type { ReplayResult } from '../../source/ports/branches.ts';
import { makeItem } from '../helpers/core/planning.ts';
import { base, goodBranch, head, look, oid, Scene, type Told } from '../helpers/core/scene.ts';

const removed = oid('5');
const next = oid('7');
const returning = { count: 1, commits: [{ oid: removed, subject: 'Oops' }], last: removed };
const held =
  'landing it would bring back a commit that main no longer holds: 5555555555 "Oops"; "cm-tui replay US-001" keeps only its own commits';

/** The branch of US-001 would bring a commit back. */
function scene(): { one: Scene; runId: string } {
  const one = new Scene([makeItem('US-001')]);
  one.ready();
  const { runId } = one.judged(goodBranch({ base: removed, returning }));
  return { one, runId };
}

/** … and is being replayed. */
function replaying() {
  const { one, runId } = scene();
  one.command({ type: 'replay', id: 'US-001' });
  return { one, runId };
}

const answered = (one: Scene, result: ReplayResult): Told =>
  one.answer('git.replay', { type: 'replayed', runId: one.run().runId, result });

const judgedAgain = (one: Scene, facts = goodBranch({ base: removed, returning })): Told =>
  one.answer('git.judge', { type: 'judged', runId: one.run().runId, facts, result: null });

describe('a branch that would bring back what was removed from the target', () => {
  it('waits for a person, and names the commits and the command', () => {
    const { one } = scene();
    expect(one.run()).toMatchObject({ state: 'needs-attention', reason: held, returning });
    expect(one.command({ type: 'approve', id: 'US-001' }).answer).toMatchObject({ ok: false });
  });

  it('is replayed on request, then judged like new work, which nobody has approved yet', () => {
    const { one, runId } = scene();
    const told = one.command({ type: 'replay', id: 'US-001' });
    expect(told.answer).toEqual({ ok: true, message: 'Replaying the commits of US-001 onto main.', runIds: [runId] });
    expect(told.facts).toEqual([{ type: 'replay-started', runId, priorityId: 'US-001', head }]);
    expect(told.effects).toMatchObject([{ type: 'git.replay', runId, head }]);
    const after = answered(one, { outcome: 'replayed', head: next, remark: 'A file was kept.' });
    expect(after.facts).toMatchObject([
      { type: 'notice-raised', text: 'A file was kept.' },
      { type: 'branch-replayed', from: head, head: next },
    ]);
    expect(after.effects).toMatchObject([{ type: 'git.judge', runId }]);
    expect(one.run()).toMatchObject({ state: 'needs-attention', head: next, merge: { approvedHead: null } });
    expect(one.run()).not.toHaveProperty('returning');
    judgedAgain(one, goodBranch({ head: next }));
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', head: next, merge: { approvedHead: null } });
    expect(one.run()).not.toHaveProperty('replaying');
  });

  it('a conflict is handed to a person or to the agent', () => {
    const { one } = replaying();
    answered(one, { outcome: 'conflict', oid: head, subject: 'Work', paths: ['source/a.ts'] });
    expect(judgedAgain(one).effects).toEqual([]);
    const { reason, replayStopped } = one.run();
    expect(replayStopped).toEqual({
      head,
      reason: 'dddddddddd "Work" conflicts with main: source/a.ts',
      paths: ['source/a.ts'],
    });
    expect(reason).toContain(
      'not replayed: dddddddddd "Work" conflicts with main: source/a.ts; resolve it with "git rebase --onto main 5555555555"',
    );
    const told = one.command({ type: 'retry', id: 'US-001', inPlace: true });
    expect(told.answer?.ok).toBe(true);
    const [resumed] = told.facts;
    expect(resumed).toMatchObject({ type: 'instance-resumed', handBack: true });
    expect(resumed).toHaveProperty('message', expect.stringContaining(`git rebase --onto ${base} ${removed}`));
    expect(resumed).toHaveProperty('message', expect.stringContaining('5555555555 "Oops"'));
  });

  it.each<[ReplayResult, string]>([
    [
      { outcome: 'blocked', message: 'a.txt in /wt is not committed; commit or remove it first.' },
      'a.txt in /wt is not committed; commit or remove it first',
    ],
    [{ outcome: 'failed', message: 'The disk is full.' }, 'The disk is full'],
  ])('what is in the way is named, and it can be tried again (%o)', (result, words) => {
    const { one } = replaying();
    answered(one, result);
    judgedAgain(one);
    expect(one.run()).toMatchObject({ state: 'needs-attention', head });
    expect(one.run().reason).toContain(`not replayed: ${words}; "cm-tui replay US-001" keeps`);
    expect(one.command({ type: 'replay', id: 'US-001' }).answer?.ok).toBe(true);
  });

  it('a branch that has moved, or that the target has caught up with, is judged as it is', () => {
    for (const result of [{ outcome: 'moved', head: next }, { outcome: 'not-needed' }] as const) {
      const { one } = replaying();
      expect(answered(one, result).effects).toMatchObject([{ type: 'git.judge' }]);
      judgedAgain(one, goodBranch({ head: next }));
      expect(one.run()).toMatchObject({ state: 'awaiting-approval' });
      expect(one.run()).not.toHaveProperty('replayStopped');
    }
  });

  it('an effect that fails changes nothing', () => {
    const { one } = replaying();
    one.fails('git.replay');
    expect(one.run()).toMatchObject({ state: 'needs-attention', replayStopped: { reason: 'the disk is full' } });
  });
});

describe('a replay that nobody has heard the end of', () => {
  it('is asked for again after a crash, once, and nothing else is asked meanwhile', () => {
    const { one, runId } = replaying();
    const again = new Scene([makeItem('US-001')], {}, { durable: one.state });
    const told = again.ready(look({ git: { branches: { main: base, 'roadmap-001': head } } }));
    expect(told.effects).toMatchObject([{ type: 'git.replay', runId, head }]);
    expect(again.send({ type: 'observed', observation: look() }).effects).toEqual([]);
    answered(again, { outcome: 'replayed', head: next });
    expect(again.run()).toMatchObject({ head: next, replaying: { answered: true } });
    const third = new Scene([makeItem('US-001')], {}, { durable: again.state });
    expect(third.ready(look({ git: { branches: { main: base, 'roadmap-001': next } } })).effects).toMatchObject([
      { type: 'git.judge', runId },
    ]);
    judgedAgain(third, goodBranch({ head: next }));
    expect(third.run()).toMatchObject({ state: 'awaiting-approval', head: next });
  });

  it('holds off whatever else is wanted of the run', () => {
    const { one } = replaying();
    const busy = 'US-001 is being replayed onto main. Try again in a moment.';
    expect(one.command({ type: 'reject', id: 'US-001', reason: 'no' }).answer?.message).toBe(busy);
    expect(one.command({ type: 'resume', id: 'US-001', message: 'go on' }).answer?.message).toBe(busy);
    expect(one.command({ type: 'replay', id: 'US-001' }).answer?.message).toBe(
      'US-001 is already being replayed onto main.',
    );
  });
});

describe('it is refused, with the reason', () => {
  it('where the target holds everything', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    one.predicted();
    expect(one.command({ type: 'replay', id: 'US-001' }).answer?.message).toBe(
      'main holds everything that US-001 is built on. Nothing to replay.',
    );
    one.command({ type: 'approve', id: 'US-001' });
    expect(one.command({ type: 'replay', id: 'US-001' }).answer?.message).toBe(
      'US-001 is queued to land. Reject it first.',
    );
  });

  it('where it is at work, has landed or is unknown', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    one.running();
    expect(one.command({ type: 'replay', id: 'US-001' }).answer?.message).toBe(
      'US-001 is still running. It can be replayed once its agent has finished.',
    );
    const two = new Scene([makeItem('US-001')]);
    two.ready();
    two.landed();
    expect(two.command({ type: 'replay', id: 'US-001' }).answer?.message).toBe('US-001 has already landed.');
    expect(two.command({ type: 'replay', id: 'US-9' }).answer?.ok).toBe(false);
  });
});

describe('what removes the ground under a branch', () => {
  const there = { git: { branches: { main: base, 'roadmap-001': head } } };

  it('has it judged again: a branch that waits for a person, and one that was approved', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    const { runId } = one.predicted();
    const told = one.send({ type: 'observed', observation: look({ ...there, grounded: { [runId]: false } }) });
    expect(told.effects).toContainEqual(expect.objectContaining({ type: 'git.judge', runId }));
    judgedAgain(one);
    expect(one.run()).toMatchObject({ state: 'needs-attention', reason: held });

    const two = new Scene([makeItem('US-001')]);
    two.ready();
    two.predicted();
    two.command({ type: 'approve', id: 'US-001' });
    const result = { outcome: 'returning', returning } as const;
    const voided = two.answer('git.prepare', { type: 'prepared', runId: two.run().runId, head, result });
    expect(voided.facts).toMatchObject([{ type: 'approval-voided', reason: held }]);
    judgedAgain(two);
    expect(two.run()).toMatchObject({ state: 'needs-attention', merge: { approvedHead: null } });
  });

  it('does not matter where nobody can tell', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    const { runId } = one.predicted();
    const told = one.send({ type: 'observed', observation: look({ ...there, grounded: { [runId]: null } }) });
    expect(told.effects.filter(({ type }) => type === 'git.judge')).toEqual([]);
  });
});
