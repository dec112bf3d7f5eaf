import { describe, expect, it } from 'vitest';
import { makeItem } from '../../helpers/core/planning.ts';
import { goodBranch, head, Scene } from '../../helpers/core/scene.ts';

function rejected(play: (one: Scene) => { readonly runId: string } = one => one.predicted()) {
  const one = new Scene([makeItem('US-001'), makeItem('US-002')]);
  one.ready();
  const { runId } = play(one);
  one.command({ type: 'reject', id: runId, reason: 'rejected by the user' });
  expect(one.run(runId).state).toBe('rejected');
  return { one, id: runId };
}

describe('a rejected branch', () => {
  it('is approved like any other, and lands', () => {
    const { one, id } = rejected();
    expect(one.command({ type: 'approve', id, head }).answer).toMatchObject({ ok: true });
    one.prepare();
    one.answer('git.land', { type: 'landed', runId: id, result: { outcome: 'landed' } });
    expect(one.run(id).state).toBe('merged');
  });

  it('can be rejected from the queue, and approved again', () => {
    const { one, id } = rejected(scene => {
      const run = scene.predicted();
      scene.command({ type: 'approve', id: run.runId });
      expect(scene.run().state).toBe('queued');
      return run;
    });
    expect(one.command({ type: 'approve', id }).answer?.ok).toBe(true);
    expect(one.run(id)).toMatchObject({ state: 'queued', merge: { approvedHead: head } });
  });

  it('is requeued as an approval, into the class that is named', () => {
    const { one, id } = rejected();
    const { answer, facts } = one.command({ type: 'requeue', id, class: 'low' });
    expect(answer).toMatchObject({ ok: true, message: 'US-001 is at the end of the queue of class low.' });
    expect(facts.map(({ type }) => type)).toEqual(['merge-approved', 'queue-requeued']);
    expect(one.run(id).state).toBe('queued');
  });

  it('is released into review, where git is asked anew what it amounts to', () => {
    const { one, id } = rejected();
    expect(one.command({ type: 'hold', id, held: false }).answer).toEqual({
      ok: true,
      message: 'US-001 is no longer rejected. Review it again.',
      runIds: [id],
    });
    one.answer('git.judge', { type: 'judged', runId: id, facts: goodBranch(), result: null });
    expect(one.run(id)).toMatchObject({ state: 'awaiting-approval', reason: null });
  });

  it('with a violation still needs it accepted', () => {
    const { one, id } = rejected(scene =>
      scene.judged(goodBranch({ files: [{ ...goodBranch().files[0], path: 'other' } as never] })),
    );
    expect(one.command({ type: 'approve', id }).answer).toMatchObject({
      ok: false,
      message: expect.stringContaining('other'),
    });
    expect(one.command({ type: 'approve', id, accept: ['scope other'] }).answer?.ok).toBe(true);
  });

  it.each([
    [
      'left something uncommitted',
      goodBranch({ dirty: ['notes.txt'] }),
      /before that it needs attention: left uncommitted/,
    ],
    [
      'holds no commit',
      goodBranch({ commits: 0, files: [], head: 'b'.repeat(40) }),
      /before that it ended without a commit/,
    ],
  ])('that %s has to be released first: what stood against it still does', (_, facts, words) => {
    const { one, id } = rejected(scene => scene.judged(facts));
    const { answer } = one.command({ type: 'approve', id });
    expect(answer).toMatchObject({ ok: false, message: expect.stringMatching(words) });
    expect(answer?.message).toContain('cm-tui queue release US-001');
    expect(one.command({ type: 'requeue', id }).answer?.ok).toBe(false);
    expect(one.command({ type: 'hold', id, held: false }).answer?.ok).toBe(true);
    one.answer('git.judge', { type: 'judged', runId: id, facts, result: null });
    expect(['needs-attention', 'no-work']).toContain(one.run(id).state);
  });

  it('that a fresh run replaced stays rejected as long as that one may land', () => {
    const { one, id } = rejected();
    const { runId: fresh } = one.running();
    for (const command of [
      { type: 'approve', id } as const,
      { type: 'requeue', id } as const,
      { type: 'hold', id, held: false } as const,
    ])
      expect(one.command(command).answer).toMatchObject({
        ok: false,
        message: 'US-001 has a newer run 001-2, which is running. Reject or cancel that one first.',
      });
    one.command({ type: 'cancel', id: fresh });
    one.answer('process.kill', { type: 'kill-finished', runId: fresh, survivors: 0 });
    one.send({ type: 'process-ended', runId: fresh, status: { status: 'exited', exitCode: 143, endTime: 2000 } });
    one.answer('git.judge', { type: 'judged', runId: fresh, facts: goodBranch(), result: null });
    expect(one.command({ type: 'approve', id }).answer?.ok).toBe(true);
  });

  it('of which an older version says no more cannot be approved unseen, but released', () => {
    const { one, id } = rejected();
    const { rejectedFrom: _, ...old } = one.run(id);
    one.state = { ...one.state, instances: [old] };
    expect(one.command({ type: 'approve', id }).answer?.ok).toBe(false);
    expect(one.command({ type: 'hold', id, held: false }).answer?.ok).toBe(true);
  });
});
