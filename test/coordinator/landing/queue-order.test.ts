import { describe, expect, it } from 'vitest';
import { queueInstances, queueWaits } from '../../../source/coordinator/state/selectors.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { file, goodBranch, head, oid, Scene } from '../../helpers/core/scene.ts';

const second = goodBranch({ files: [file('source/US-002/a')], checkedOut: 'roadmap-002', head: oid('2') });

/** US-001 is being checked; US-002 is approved behind it. */
function twoInQueue(settings: ConstructorParameters<typeof Scene>[1] = { checks: [['test']], maxParallel: 2 }) {
  const one = new Scene([makeItem('US-001'), makeItem('US-002')], settings);
  one.ready();
  const first = one.prepared().runId;
  const { runId: next } = one.judged(second, 'US-002');
  const result = { outcome: 'clean', base: oid('b'), head: oid('2'), tree: oid('e') } as const;
  one.answer('git.predict', { type: 'predicted', runId: next, head: oid('2'), result });
  one.command({ type: 'approve', id: next });
  return { one, first, next };
}

describe('moving a branch in the merge queue', () => {
  it('holds and releases what waits and what is being checked, each once', () => {
    const { one, first, next } = twoInQueue();
    for (const id of [first, next]) {
      const held = one.command({ type: 'hold', id, held: true });
      expect(held.facts[0]).toMatchObject({ type: 'queue-held', runId: id, held: true });
      expect(held.answer).toMatchObject({ ok: true, message: expect.stringMatching(/is held\. It keeps its place/) });
      expect(one.command({ type: 'hold', id, held: true }).facts).toEqual([]);
      const released = one.command({ type: 'hold', id, held: false });
      expect(released.facts).toContainEqual({ type: 'queue-held', runId: id, held: false });
      expect(released.answer?.message).toMatch(/is released\.$/);
    }
  });

  it('moves to the end, and into the class that is named, else keeps its own', () => {
    const { one, first, next } = twoInQueue();
    expect(one.command({ type: 'requeue', id: next, class: 'urgent' })).toMatchObject({
      facts: expect.arrayContaining([{ type: 'queue-requeued', runId: next, class: 'urgent' }]),
      answer: { ok: true, message: 'US-002 is at the end of the queue of class urgent.' },
    });
    expect(one.command({ type: 'requeue', id: next }).answer?.message).toBe(
      'US-002 is at the end of the queue of class urgent.',
    );
    expect(one.command({ type: 'requeue', id: first })).toMatchObject({
      answer: { ok: true, message: 'US-001 is at the end of the queue.' },
    });
  });

  it('puts on top whatever has a place, also what is being checked', () => {
    const { one, first, next } = twoInQueue();
    expect(one.command({ type: 'jump', id: next })).toMatchObject({
      facts: expect.arrayContaining([{ type: 'queue-jumped', runId: next }]),
      answer: { ok: true, message: 'US-002 lands next.' },
    });
    expect(one.command({ type: 'jump', id: first })).toMatchObject({
      facts: expect.arrayContaining([{ type: 'queue-jumped', runId: first }]),
      answer: { ok: true, message: 'US-001 is being checked and lands next.' },
    });
  });

  it('counts for what is not approved yet: on top it lands next, held it lands only by its own approval', () => {
    const one = new Scene([makeItem('US-001'), makeItem('US-002')], { maxParallel: 2 });
    one.ready();
    const { runId: first } = one.predicted();
    const { runId: last } = one.judged(second, 'US-002');
    const result = { outcome: 'clean', base: oid('b'), head: oid('2'), tree: oid('e') } as const;
    one.answer('git.predict', { type: 'predicted', runId: last, head: oid('2'), result });
    const shown = () => queueInstances(one.state).map(({ runId }) => runId);
    expect(shown()).toEqual([first, last]);
    expect(one.command({ type: 'jump', id: last }).answer).toMatchObject({
      ok: true,
      message: 'US-002 is on top, and lands next once it is approved.',
    });
    expect(shown()).toEqual([last, first]);
    one.command({ type: 'requeue', id: last });
    expect(shown()).toEqual([first, last]);
    one.command({ type: 'jump', id: last });
    one.command({ type: 'hold', id: first, held: true });
    expect(queueWaits(one.state)).toEqual({ [first]: 'held; release it to land' });
    one.command({ type: 'approve-all' });
    expect([one.run(first).state, one.run(last).merge.place]).toEqual([
      'awaiting-approval',
      expect.objectContaining({ jumpedAt: one.at, held: false }),
    ]);
    expect(one.command({ type: 'approve', id: first }).answer?.ok).toBe(true);
    expect(one.run(first).merge.place?.held).toBe(false);
  });

  it('is refused for what is not in the queue, in words', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    const { runId: id } = one.running();
    for (const command of [
      { type: 'jump', id } as const,
      { type: 'hold', id, held: true } as const,
      { type: 'requeue', id } as const,
    ])
      expect(one.command(command)).toMatchObject({
        facts: [],
        answer: { ok: false, message: 'US-001 cannot be moved in the merge queue: it is running.' },
      });
  });
});

describe('checks ahead of their turn', () => {
  const prepared = { outcome: 'prepared', candidate: oid('8'), base: oid('c'), statusWritten: false } as const;

  it('are prepared on the candidate that is being checked, once, and run where that was built', () => {
    const { one, first, next } = twoInQueue();
    expect(one.underWay.filter(kind => kind === 'speculate.prepare')).toHaveLength(1);
    const told = one.answer('speculate.prepare', {
      type: 'speculated',
      runId: next,
      head: oid('2'),
      onto: oid('c'),
      result: prepared,
    });
    expect(told.facts).toContainEqual({
      type: 'candidate-prepared',
      runId: next,
      candidate: expect.objectContaining({ oid: oid('8'), base: oid('c'), head: oid('2'), statusWritten: false }),
    });
    expect(one.underWay).toContain('speculate.check');
    // A move in the queue does not end them; the loss of its turn does.
    one.command({ type: 'jump', id: next });
    expect(one.run(next).merge.check).toMatchObject({ candidate: oid('8'), ended: false });
    one.command({ type: 'requeue', id: first });
    expect(one.run(first).merge.check).toMatchObject({ candidate: oid('c'), ended: true });
  });

  it('are not prepared twice for the same place in the queue', () => {
    const { one, next } = twoInQueue();
    one.answer('speculate.prepare', {
      type: 'speculated',
      runId: next,
      head: oid('2'),
      onto: oid('c'),
      result: { outcome: 'empty' },
    });
    expect(one.underWay).not.toContain('speculate.prepare');
    one.command({ type: 'refresh' });
    expect(one.underWay).not.toContain('speculate.prepare');
  });

  it('are left alone where no commands are set, or an agent has the last place', () => {
    expect(twoInQueue({ checks: [], maxParallel: 2 }).one.underWay).not.toContain('speculate.prepare');
    const one = new Scene([makeItem('US-001'), makeItem('US-002'), makeItem('US-003')], {
      checks: [['test']],
      maxParallel: 1,
    });
    one.ready();
    const { runId: next } = one.judged(second, 'US-002');
    const result = { outcome: 'clean', base: oid('b'), head: oid('2'), tree: oid('e') } as const;
    one.answer('git.predict', { type: 'predicted', runId: next, head: oid('2'), result });
    const first = one.predicted().runId;
    one.running('US-003');
    one.command({ type: 'approve', id: first });
    const merged = { outcome: 'prepared', candidate: oid('c'), base: oid('b'), statusWritten: false } as const;
    one.answer('git.prepare', { type: 'prepared', runId: first, head, result: merged });
    one.command({ type: 'approve', id: next });
    expect(one.run(first).state).toBe('checking');
    expect(one.run(next).state).toBe('queued');
    expect(one.underWay).not.toContain('speculate.prepare');
  });

  it('are dropped where the branch is held meanwhile', () => {
    const { one, next } = twoInQueue();
    one.answer('speculate.prepare', {
      type: 'speculated',
      runId: next,
      head: oid('2'),
      onto: oid('c'),
      result: prepared,
    });
    const { facts } = one.command({ type: 'hold', id: next, held: true });
    expect(facts).toContainEqual({ type: 'speculation-dropped', runId: next });
  });
});

describe('exporting what would land', () => {
  const target = { type: 'export', branchName: 'for-review' } as const;

  it('takes what is ready, what waits and what is being checked', () => {
    const ready = new Scene([makeItem('US-001')]);
    ready.ready();
    const { runId } = ready.predicted();
    expect(ready.command({ ...target, id: runId })).toMatchObject({
      effects: [{ type: 'git.export', runId, head, candidate: null, branchName: 'for-review' }],
      answer: { ok: true, message: 'Exporting US-001 to for-review.' },
    });
    const { one, first, next } = twoInQueue();
    expect(one.command({ ...target, id: first }).effects).toContainEqual(
      expect.objectContaining({ type: 'git.export', runId: first, candidate: oid('c') }),
    );
    expect(one.command({ ...target, id: next }).answer).toMatchObject({ ok: true });
  });

  it('is refused for what still works, conflicts, or is being exported', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    const { runId } = one.running();
    expect(one.command({ ...target, id: runId }).answer).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^US-001 has nothing to export: it /),
    });
    const other = new Scene([makeItem('US-001')]);
    other.ready();
    const id = other.predicted().runId;
    other.command({ ...target, id });
    expect(other.command({ ...target, id }).answer?.message).toBe('US-001 is already being exported.');
  });
});
