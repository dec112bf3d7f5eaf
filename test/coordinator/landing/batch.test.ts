import { describe, expect, it } from 'vitest';
import { replay } from '../../../source/coordinator/update.ts';
import { CheckQueue } from '../../helpers/core/check-queue.ts';
import { oid } from '../../helpers/core/scene.ts';

describe('branches that are checked together', () => {
  it('take one run of the checks, and the target moves once, to what was checked', () => {
    const queue = new CheckQueue({ branches: 4 });
    expect(queue.finish()).toBe(1);
    expect(queue.checked).toEqual([[1, 2, 3, 4]]);
    expect(queue.tips).toEqual([[1, 2, 3, 4]]);
    expect(queue.states()).toEqual(['merged', 'merged', 'merged', 'merged']);
    // Each has a commit of its own.
    expect(new Set([1, 2, 3, 4].map(number => queue.run(number).merge.landed)).size).toBe(4);
  });

  it('are no more than the setting says, and none without checks or with the setting at 1', () => {
    const two = new CheckQueue({ branches: 5, settings: { batch: 2 } });
    two.finish();
    expect(two.checked).toEqual([[1, 2], [3, 4], [5]]);
    const alone = new CheckQueue({ branches: 3, settings: { batch: 1, maxParallel: 0 } });
    alone.finish();
    expect(alone.tips).toEqual([[1], [1, 2], [1, 2, 3]]);
    const unchecked = new CheckQueue({ branches: 2, settings: { checks: [] } });
    unchecked.finish();
    expect(unchecked.tips).toEqual([[1], [1, 2]]);
  });

  it('leave out one that conflicts with another of them: it is told so when its own turn has come', () => {
    const queue = new CheckQueue({ branches: 4, conflict: { branch: 2, with: [1] } });
    queue.finish();
    expect(queue.checked).toEqual([[1, 3, 4]]);
    expect(queue.states()).toEqual(['merged', 'conflict', 'merged', 'merged']);
  });

  it.each(Array.from({ length: 8 }, (_, index) => index + 1))(
    'are taken apart when they fail, and only the red one is blamed: number %i of 8',
    red => {
      const queue = new CheckQueue({ branches: 8, red: [red], settings: { batch: 8 } });
      const count = queue.finish();
      expect(queue.states()).toEqual(
        Array.from({ length: 8 }, (_, index) => (index + 1 === red ? 'checks-failed' : 'merged')),
      );
      expect(count).toBeLessThanOrEqual(7);
      // Whatever the target held was checked as it was.
      for (const tip of queue.tips) expect(tip).not.toContain(red);
      expect(queue.checked).toContainEqual([red]);
    },
  );

  it('are all found where several are red', () => {
    const queue = new CheckQueue({ branches: 8, red: [2, 3, 7], settings: { batch: 4 } });
    queue.finish();
    expect(queue.states().map(state => state === 'checks-failed')).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map(number => [2, 3, 7].includes(number)),
    );
  });

  it.each([
    ['is rejected', (queue: CheckQueue) => queue.scene.command({ type: 'reject', id: 'US-002', reason: 'no' })],
    ['is held', (queue: CheckQueue) => queue.scene.command({ type: 'hold', id: 'US-002', held: true })],
  ])('go on without one that %s meanwhile', (_, act) => {
    const queue = new CheckQueue({ branches: 3 });
    queue.until('checks.run');
    expect(queue.states()).toEqual(['checking', 'checking', 'checking']);
    const { effects } = act(queue);
    expect(effects).toContainEqual({ type: 'checks.stop', runId: queue.run(3).runId });
    queue.finish();
    expect(queue.tips).toEqual([[1, 3]]);
    expect(queue.run(2).state).not.toBe('merged');
  });

  it('are built again when the target moves while they are checked', () => {
    const queue = new CheckQueue({ branches: 2 });
    queue.until('checks.run');
    queue.scene.send({ type: 'target-moved', tip: oid('f') });
    expect(queue.states()).toEqual(['queued', 'queued']);
    expect(queue.run(2).merge.candidate).toBeNull();
  });

  it('are known again by whoever reads the journal, at every moment', () => {
    const queue = new CheckQueue({ branches: 3 });
    queue.until('checks.run');
    const { instances } = queue.scene.state;
    const at = 5000;
    const [runId, ...below] = [3, 1, 2].map(number => queue.run(number).runId);
    const durable = replay(
      [{ type: 'landing-started', runId: runId ?? '', base: oid('b'), candidate: 'c', with: below, at }],
      { ...queue.scene.state, instances },
    );
    expect(durable.instances.map(one => [one.state, one.merge.landsFrom])).toEqual([
      ['landing', undefined],
      ['landing', oid('b')],
      ['landing', oid('b')],
    ]);
  });

  it('stop together where git cannot land them, and each is tried for itself', () => {
    const queue = new CheckQueue({ branches: 2 });
    queue.until('git.land');
    const result = { outcome: 'blocked', message: 'a.txt is not committed', paths: ['a.txt'] } as const;
    const { facts } = queue.scene.answer('git.land', { type: 'landed', runId: queue.run(2).runId, result });
    expect(facts.find(({ type }) => type === 'batch-failed')).toMatchObject({
      runs: [1, 2].map(one => queue.run(one).runId),
    });
    queue.finish();
    expect(queue.tips).toEqual([[1], [1, 2]]);
  });

  it('keep candidates and approvals where nobody knows whether they landed, and the target tells', () => {
    const queue = new CheckQueue({ branches: 2 });
    queue.until('git.land');
    const { runId } = queue.run(2);
    const { facts, effects } = queue.scene.answer('git.land', {
      type: 'failed',
      runId,
      kind: 'git.land',
      message: 'git does not answer',
    });
    expect(facts.map(({ type }) => type)).toEqual(['landing-stopped', 'landing-stopped']);
    expect(effects).toContainEqual({ type: 'target.read' });
    expect(queue.states()).toEqual(['blocked', 'blocked']);
    for (const number of [1, 2]) {
      const { approvedHead, candidate } = queue.run(number).merge;
      expect(approvedHead).not.toBeNull();
      expect(candidate).not.toBeNull();
    }
    queue.scene.send({ type: 'target-moved', tip: queue.run(2).merge.candidate?.oid ?? null });
    expect(queue.states()).toEqual(['queued', 'queued']);
    expect([1, 2].map(number => queue.run(number).merge.candidate)).not.toContain(null);
  });

  it.each([
    ['rejected', 'rejected'],
    ['held', 'queued'],
    ['set to a pull request', 'queued'],
  ] as const)('are checked again without one that is %s meanwhile', (what, state) => {
    const queue = new CheckQueue({ branches: 3 });
    queue.until('checks.run');
    const { scene } = queue;
    const { roadmap, ownership, ownershipProblems } = scene.state;
    const items = roadmap.items.map(item => (item.key === 'US-002' ? { ...item, landing: 'pr' as const } : item));
    if (what === 'rejected') scene.command({ type: 'reject', id: 'US-002', reason: 'no' });
    else if (what === 'held') scene.command({ type: 'hold', id: 'US-002', held: true });
    else {
      const sources = { roadmap: { ...roadmap, items }, ownership, ownershipProblems, stamp: '2' };
      scene.send({ type: 'sources-read', sources });
    }
    expect(queue.states()).toEqual(['queued', state, 'queued']);
    queue.until('git.land');
    expect(queue.states()).toEqual(['landing', state, 'landing']);
  });

  it('void the approval of the one whose branch has moved, and of no other', () => {
    const queue = new CheckQueue({ branches: 3 });
    queue.until('git.land');
    const result = { outcome: 'head-moved', head: oid('f'), branchName: queue.run(1).branchName } as const;
    queue.scene.answer('git.land', { type: 'landed', runId: queue.run(3).runId, result });
    expect(queue.states().slice(0, 1)).toEqual(['completed']);
    expect([2, 3].map(number => queue.run(number).merge.approvedHead)).not.toContain(null);
  });

  it('are undone one by one, by a revert: what was between them was never checked', () => {
    const queue = new CheckQueue({ branches: 2 });
    queue.finish();
    const { answer } = queue.scene.command({ type: 'undo', id: 'US-002' });
    expect(answer?.message).toContain('US-002-UNDO reverts it on a branch');
  });
});
