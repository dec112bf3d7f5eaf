import { describe, expect, it } from 'vitest';
import { durablePart } from '../../../source/coordinator/fold/fold.ts';
import { isIdle } from '../../../source/coordinator/state/idle.ts';
import type { ReadingResult } from '../../../source/ports/reading/reading-result.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { agent, goodBranch, head, oid, Scene } from '../../helpers/core/scene.ts';

const items = [makeItem('US-001'), makeItem('US-002'), makeItem('US-003')];
const finding = { path: 'source/US-001/a.ts', side: 'new', from: 3, to: 3, quote: ['+x'], text: 'wrong' } as const;
const usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.5 };

function scene(settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
  const made = new Scene(items, { after: ['review'], reviewAgent: 'critic', ...settings });
  made.ready();
  return made;
}

function answer(one: Scene, result: Partial<ReadingResult> = {}) {
  const { runId, readings } = one.run();
  const said = { outcome: 'done', words: 'Well.', findings: [], usage: null, changed: false, limit: null } as const;
  const number = readings?.review?.number ?? 0;
  return one.answer('agent.review', { type: 'read', runId, purpose: 'review', number, result: { ...said, ...result } });
}

/** The author commits again after it was resumed. */
function endsAgain(one: Scene, at = oid('e')) {
  const { runId } = one.run();
  one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
  one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 950 } });
  one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ head: at }), result: null });
  one.answer('git.predict', {
    type: 'predicted',
    runId,
    head: at,
    result: { outcome: 'clean', base: oid('b'), head: at, tree: oid('e') },
  });
}

describe('a review by another agent', () => {
  it('begins when the work is ready for review, with the intent first, and leaves the run as it is', () => {
    const one = scene();
    one.predicted();
    expect(one.run()).toMatchObject({
      state: 'awaiting-approval',
      readings: { review: { number: 1, agent: 'critic', head, ended: false } },
    });
    expect(one.underWay).toEqual(['agent.review']);
    expect(isIdle(one.state)).toBe(false);
  });

  it.each([
    ['nothing asks for it', { after: [] }, undefined],
    ['the item says no', {}, { after: [] }],
    ["the run's agent says no", { agents: { demo: { after: [] } } }, undefined],
  ] as const)('does not begin where %s', (_, settings, item) => {
    const one = new Scene([{ ...makeItem('US-001'), ...item }], {
      after: ['review'],
      reviewAgent: 'critic',
      ...settings,
    });
    one.ready();
    one.predicted();
    expect(one.underWay).toEqual([]);
    expect(one.run().readings).toBeUndefined();
  });

  it('is made by whom the item names, else the agent of the run, else the settings, else the same program', () => {
    const reviewer = (settings: object, item: object = {}) => {
      const one = new Scene([{ ...makeItem('US-001'), ...item }], { after: ['review'], ...settings });
      one.ready();
      one.predicted();
      return one.run().readings?.review?.agent;
    };
    expect(reviewer({})).toBe('demo');
    expect(reviewer({ reviewAgent: 'critic' })).toBe('critic');
    expect(reviewer({ reviewAgent: 'critic', agents: { demo: { reviewAgent: 'own' } } })).toBe('own');
    expect(reviewer({ reviewAgent: 'critic' }, { after: ['review'], reviewAgent: 'named' })).toBe('named');
  });

  it('holds the policy up until it has found nothing, and a person never', () => {
    const one = scene({ approve: 'clean', reviewRounds: 0 });
    const { runId } = one.predicted();
    expect(one.run().state).toBe('awaiting-approval');
    answer(one);
    expect(one.run(runId).state).toBe('queued');

    const other = scene();
    other.predicted();
    const { effects } = other.command({ type: 'approve', id: 'US-001' });
    expect(other.run()).toMatchObject({ state: 'queued', readings: { review: { ended: true, outcome: 'dropped' } } });
    expect(effects).toContainEqual(expect.objectContaining({ type: 'reading.stop', purpose: 'review', number: 1 }));
    expect(other.underWay).not.toContain('agent.review');
  });

  it('keeps findings as comments of that agent, and those that nobody sent give way to those of the next', () => {
    const one = scene({ reviewRounds: 0 });
    one.predicted();
    answer(one, { findings: [finding], usage });
    expect(one.run()).toMatchObject({
      readings: { usage, review: { outcome: 'done', found: 1, words: 'Well.' } },
      review: { comments: [{ id: 'c1', by: 'critic', head, sentAt: null, text: 'wrong' }] },
    });
    one.command({ type: 'resume', id: 'US-001', message: 'once more' });
    endsAgain(one);
    expect(one.run().readings?.review).toMatchObject({ number: 2, head: oid('e'), ended: false });
    answer(one, { findings: [{ ...finding, text: 'still wrong' }], usage });
    expect(one.run()).toMatchObject({
      readings: { usage: { costUsd: 1 } },
      review: { comments: [{ id: 'c2', text: 'still wrong' }] },
    });
  });

  it('sends findings back by itself as often as the settings say, then a person sees the rest', () => {
    const one = scene({ reviewRounds: 1 });
    one.predicted();
    answer(one, { findings: [finding] });
    expect(one.run()).toMatchObject({ state: 'preparing', readings: { rounds: 1 } });
    expect(one.run().continued?.message).toContain('source/US-001/a.ts:3');
    endsAgain(one);
    answer(one, { findings: [finding] });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', readings: { rounds: 1 } });
    expect(one.run().review?.comments.map(({ sentAt }) => sentAt === null)).toEqual([false, true]);
    expect(isIdle(one.state)).toBe(true);
  });

  it('never takes a branch away from a person who writes comments of their own', () => {
    const one = scene();
    one.predicted();
    const comment = { path: 'a', side: 'new', from: 1, to: 1, quote: [], text: 'mine', head } as const;
    one.command({ type: 'comment', id: 'US-001', comment });
    answer(one, { findings: [finding] });
    expect(one.run().state).toBe('awaiting-approval');
  });

  it('takes a place like a run, and waits for one', () => {
    const one = scene({ maxParallel: 1 });
    one.predicted();
    expect(one.command({ type: 'spawn', id: 'US-002' }).answer).toMatchObject({ ok: false });
    answer(one);
    expect(one.command({ type: 'spawn', id: 'US-002' }).answer).toMatchObject({ ok: true });
  });

  it('waits for a limit of its service, marks nothing of the run, and nothing else starts with that agent', () => {
    const one = scene({ approve: 'clean' });
    one.predicted();
    answer(one, { outcome: 'failed', words: 'rate limit', limit: { until: 61_000 } });
    expect(one.state.cooldowns).toEqual({ critic: 61_000 });
    expect(one.run().limited).toBeUndefined();
    expect(one.underWay).toEqual([]);
    expect(isIdle(one.state)).toBe(false);
    one.at = 61_001;
    one.send({ type: 'tick' });
    expect(one.run().readings?.review).toMatchObject({ number: 2, ended: false, tries: 1 });
  });

  it('that failed for good is no review: the policy waits for a person', () => {
    const one = scene({ approve: 'clean' });
    one.predicted();
    answer(one, { outcome: 'failed', words: 'invalid api key' });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', readings: { review: { outcome: 'failed' } } });
    expect(one.underWay).toEqual([]);
    expect(isIdle(one.state)).toBe(true);
    expect(one.state.notices.at(-1)?.text).toContain('review failed: invalid api key');
  });

  it('can be cancelled, which leaves the work ready for review', () => {
    const one = scene();
    one.predicted();
    expect(one.command({ type: 'cancel', id: 'US-001' }).answer).toMatchObject({ ok: true });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', readings: { review: { outcome: 'stopped' } } });
    one.send({ type: 'tick' });
    expect(one.underWay).toEqual([]);
  });

  it('is found again after a restart, under its number', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.send({ type: 'reading-running', runId, purpose: 'review', number: 1, process: agent, up: 5 });
    const again = new Scene(items, { after: ['review'] }, { durable: durablePart(one.state) });
    again.ready();
    expect(again.underWay).toContain('agent.review');
    expect(again.run().readings?.review).toMatchObject({ number: 1, process: agent, startedUp: 5, ended: false });
  });

  it('of a commit that is not the branch any more counts for nothing', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'resume', id: 'US-001', message: 'once more' });
    expect(one.run().readings?.review).toMatchObject({ ended: true, outcome: 'dropped' });
    const told = one.send({
      type: 'outcome',
      effectId: 5,
      outcome: {
        type: 'read',
        runId,
        purpose: 'review',
        number: 1,
        result: { outcome: 'done', words: '', findings: [finding], usage: null, changed: false, limit: null },
      },
    });
    expect(told.facts).toEqual([]);
    expect(one.run().review).toBeUndefined();
  });
});

describe('an agent that compares the runs of a race', () => {
  function race(settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
    const one = new Scene(items, { raceJudge: 'judge', maxParallel: 4, ...settings });
    one.ready();
    one.command({ type: 'race', id: 'US-001', agents: ['one', 'two'] });
    return one;
  }

  function ends(one: Scene, at: number, commit: string) {
    const { runId } = one.state.instances[at] ?? one.run();
    const effect = (kind: string) =>
      Number(
        Object.entries(one.state.inFlight).find(([, flight]) => flight.kind === kind && flight.runId === runId)?.[0],
      );
    const told = (kind: string, outcome: Parameters<Scene['answer']>[1]) =>
      one.send({ type: 'outcome', effectId: effect(kind), outcome });
    told('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base: oid('b') } });
    told('process.start', { type: 'started', runId, process: { ...agent, pid: 5000 + at }, sessionId: null });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 900 } });
    const checkedOut = one.run(runId).branchName;
    told('git.judge', { type: 'judged', runId, facts: goodBranch({ head: commit, checkedOut }), result: null });
    const result = { outcome: 'clean', base: oid('b'), head: commit, tree: oid('e') } as const;
    told('git.predict', { type: 'predicted', runId, head: commit, result });
  }

  it('begins when all have ended, once for these commits, and decides nothing', () => {
    const one = race({ approve: 'clean' });
    ends(one, 0, oid('1'));
    expect(one.underWay).not.toContain('agent.judge');
    ends(one, 1, oid('2'));
    const [first, second] = one.state.instances;
    expect(first?.readings?.judge).toMatchObject({
      agent: 'judge',
      head: oid('b'),
      of: `${first?.runId}@${oid('1')} ${second?.runId}@${oid('2')}`,
    });
    const runId = first?.runId ?? '';
    const result = {
      outcome: 'done',
      words: 'The second.',
      findings: [],
      usage: null,
      changed: false,
      limit: null,
    } as const;
    one.answer('agent.judge', { type: 'read', runId, purpose: 'judge', number: 1, result });
    expect(one.state.instances.map(({ state }) => state)).toEqual(['awaiting-approval', 'awaiting-approval']);
    expect(one.state.instances[0]?.readings?.judge).toMatchObject({ outcome: 'done', words: 'The second.' });
    one.send({ type: 'tick' });
    expect(one.underWay).toEqual([]);
  });

  it('stops when a person has chosen', () => {
    const one = race();
    ends(one, 0, oid('1'));
    ends(one, 1, oid('2'));
    one.command({ type: 'approve', id: one.state.instances[1]?.runId ?? '' });
    expect(one.state.instances[0]?.readings?.judge).toMatchObject({ ended: true, outcome: 'dropped' });
    expect(one.underWay).not.toContain('agent.judge');
  });
});
