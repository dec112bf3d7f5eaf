import { describe, expect, it } from 'vitest';
import { makeItem } from '../../helpers/core/planning.ts';
import { goodBranch, head, oid, Scene } from '../../helpers/core/scene.ts';

function scene(): Scene {
  const one = new Scene([makeItem('US-001'), makeItem('US-002')]);
  one.ready();
  return one;
}

const judgedFor = (one: Scene, runId: string) =>
  one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });

describe('work that waits, landed on another branch', () => {
  it('loses its approval, is judged, and lands only once it is approved again', () => {
    const one = new Scene([makeItem('US-001')], { checks: ['npm test'] });
    one.ready();
    const { runId } = one.prepared();
    expect(one.run(runId)).toMatchObject({ state: 'checking', merge: { approvedHead: head } });
    const late = one.effectId('checks.run');
    const { answer, facts } = one.command({ type: 'retarget', branch: 'trunk' });
    expect(answer).toEqual({
      ok: true,
      message: 'US-001 lands on trunk from now on. US-001 needs approval again.',
      runIds: [runId],
    });
    expect(facts).toEqual([{ type: 'retargeted', runId, priorityId: 'US-001', target: 'trunk' }]);
    expect(one.run(runId)).toMatchObject({
      target: 'trunk',
      state: 'completed',
      merge: { approvedHead: null, candidate: null, checks: null, prediction: 'unknown', judgedBefore: true },
    });
    judgedFor(one, runId);
    const result = { candidate: oid('c'), commandHash: 'x', outcome: 'passed', detail: '' } as const;
    one.send({ type: 'outcome', effectId: late, outcome: { type: 'checked', runId, result } });
    expect(one.run(runId)).toMatchObject({ state: 'awaiting-approval', target: 'trunk', merge: { checks: null } });
    expect(one.run(runId).merge.judgedBefore).toBeUndefined();
    expect(one.underWay).not.toContain('git.land');
    one.command({ type: 'approve', id: runId });
    one.prepare(oid('d'));
    expect(one.run(runId)).toMatchObject({ state: 'checking', merge: { candidate: { oid: oid('d') } } });
  });

  it('forgets how it merged with the old one, and is asked of git once more', () => {
    const one = scene();
    const { runId } = one.predicted();
    expect(one.run(runId).merge.prediction).toBe('clean');
    one.command({ type: 'retarget', id: 'US-001', branch: 'trunk' });
    expect(one.run(runId).merge.prediction).toBe('unknown');
    expect(one.underWay).toEqual(['git.judge']);
    expect(one.command({ type: 'approve', id: runId }).answer?.ok).toBe(false);
  });

  it('is not moved once it has landed, nor while it is landing', () => {
    const one = scene();
    const { runId } = one.prepared();
    expect(one.run(runId).state).toBe('landing');
    expect(one.command({ type: 'retarget', id: runId, branch: 'trunk' }).answer).toMatchObject({
      ok: false,
      message: 'US-001 is landing on main. Try again in a moment.',
    });
    one.answer('git.land', { type: 'landed', runId, result: { outcome: 'landed' } });
    expect(one.command({ type: 'retarget', id: runId, branch: 'trunk' }).answer).toMatchObject({
      ok: false,
      message: 'US-001 has already landed on main.',
    });
    expect(one.command({ type: 'retarget', branch: 'trunk' }).answer?.ok).toBe(false);
    expect(one.run(runId).target).toBe('main');
  });

  it('is not moved while a merge with the old one is being built: its answer must not meet a new approval', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'approve', id: runId });
    expect(one.command({ type: 'retarget', id: runId, branch: 'trunk' }).answer).toMatchObject({
      ok: false,
      message: 'cm-tui is at work on the branch of US-001. Try again in a moment.',
    });
    expect(one.run(runId)).toMatchObject({ target: 'main', merge: { approvedHead: head } });
  });

  it('names what is wrong: nothing waits, an unknown run, the same target, the branch of a run', () => {
    const one = scene();
    const refusal = (id: string | undefined, branch: string) =>
      one.command({ type: 'retarget', branch, ...(id === undefined ? {} : { id }) }).answer?.message;
    expect(refusal(undefined, 'trunk')).toContain('Nothing waits to land.');
    expect(refusal('US-001', 'trunk')).toContain('US-001 has not run yet.');
    const { branchName } = one.predicted();
    expect(refusal('US-001', 'main')).toBe('US-001 lands on main already.');
    expect(refusal(undefined, branchName)).toContain('is the branch of US-001');
  });

  it('a rejected one has to be released, and is judged, before it can be approved', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'reject', id: runId, reason: 'no' });
    one.command({ type: 'retarget', branch: 'trunk' });
    expect(one.run(runId)).toMatchObject({ state: 'rejected', target: 'trunk' });
    expect(one.command({ type: 'approve', id: runId }).answer?.ok).toBe(false);
    one.command({ type: 'hold', id: runId, held: false });
    judgedFor(one, runId);
    expect(one.run(runId)).toMatchObject({ state: 'awaiting-approval', target: 'trunk' });
  });

  it('ends a pause that was for the old target alone, and no other', () => {
    for (const more of [false, true]) {
      const one = scene();
      one.predicted();
      one.send({ type: 'target-moved', tip: null });
      if (more) one.send({ type: 'journal-changed', count: 1 });
      expect(one.state.queuePaused).toContain('cm-tui retarget BRANCH');
      one.command({ type: 'retarget', branch: 'trunk' });
      expect(one.state.queuePaused === null, String(more)).toBe(!more);
    }
  });

  it('at work goes on, and lands on the other branch', () => {
    const one = scene();
    const { runId } = one.running();
    expect(one.command({ type: 'retarget', id: 'US-001', branch: 'trunk' }).answer?.ok).toBe(true);
    expect(one.run(runId)).toMatchObject({ state: 'running', target: 'trunk' });
  });
});
