import { describe, expect, it } from 'vitest';
import { fold, initialDurableState } from '../../../source/coordinator/fold/fold.ts';
import { raceView } from '../../../source/coordinator/review/race-view.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import type { Settings } from '../../../source/domain/settings.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { agent, base, goodBranch, oid, Scene } from '../../helpers/core/scene.ts';

const item = makeItem('US-001', { scope: { kind: 'known', paths: ['source/US-001/**'] } });

/** Two runs of US-001 side by side, both ready for review. */
function ready(settings: Partial<Settings> = {}): Scene {
  const scene = new Scene([item], settings);
  scene.ready();
  scene.command({ type: 'race', id: 'US-001', agents: ['claude', 'codex'] });
  for (const { runId } of scene.state.instances) finish(scene, runId);
  return scene;
}

/** Answers whatever is under way for a run until nothing is. */
function finish(scene: Scene, runId: string): void {
  const answer = (kind: string, outcome: Parameters<Scene['answer']>[1]) => {
    const found = Object.entries(scene.state.inFlight).find(([, one]) => one.kind === kind && one.runId === runId);
    if (found === undefined) throw new Error(`no ${kind} of ${runId} is under way`);
    return scene.send({ type: 'outcome', effectId: Number(found[0]), outcome });
  };
  const { branchName } = scene.run(runId);
  const head = oid(branchName.endsWith('-2') ? '2' : '1');
  answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
  answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
  scene.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 900 } });
  const facts = goodBranch({ head, checkedOut: branchName });
  answer('git.judge', { type: 'judged', runId, facts, result: null });
  answer('git.predict', { type: 'predicted', runId, head, result: { outcome: 'clean', base, head, tree: oid('e') } });
}

const states = ({ state }: Scene) => state.instances.map((one: Instance) => `${one.agent} ${one.state}`);

describe('several agents at one item', () => {
  it('one run for each agent, with names, slots and worktrees of their own', () => {
    const scene = ready();
    const [one, other] = scene.state.instances;
    expect([one?.race, one?.slug, other?.slug]).toEqual([other?.race, '001', '001-2']);
    expect(one?.race).toBeDefined();
    expect(one?.slot).not.toBe(other?.slot);
    expect(states(scene)).toEqual(['claude awaiting-approval', 'codex awaiting-approval']);
  });

  it('at most one lands: the other cannot be approved meanwhile, and is archived once it has', () => {
    const scene = ready();
    const [one, other] = scene.state.instances;
    expect(scene.command({ type: 'approve', id: 'US-001' }).answer).toMatchObject({
      ok: false,
      message: 'US-001 has 2 runs side by side. Name one of them: 001 (claude), 001-2 (codex).',
    });
    expect(scene.command({ type: 'approve', id: other?.runId ?? '' }).answer?.ok).toBe(true);
    expect(scene.command({ type: 'approve', id: one?.runId ?? '' }).answer?.message).toContain(
      '001-2 by codex, another run of the same item, is queued to land. Reject that one first.',
    );
    const prepared = { outcome: 'prepared', candidate: oid('c'), base, statusWritten: false } as const;
    const runId = other?.runId ?? '';
    scene.answer('git.prepare', { type: 'prepared', runId, head: oid('2'), result: prepared });
    const landed = { outcome: 'landed', tip: oid('c'), rescued: [], checkedOut: null } as const;
    scene.answer('git.land', { type: 'landed', runId, result: landed as never });
    expect(states(scene)).toEqual(['claude rejected', 'codex merged']);
    expect(scene.run(one?.runId).reason).toBe('archived: 001-2 by codex landed instead; its branch is kept');
    expect(scene.command({ type: 'approve', id: '001' }).answer?.message).toContain('001-2');
    expect(scene.command({ type: 'hold', id: '001', held: false }).answer?.ok).toBe(false);
    // It has landed, so the work loop does not run it again.
    scene.command({ type: 'set-mode', mode: 'auto' });
    expect(scene.state.instances).toHaveLength(2);
  });

  it('one that is approved and only held back by the user’s own files keeps the other from being approved too', () => {
    const scene = ready();
    const [one, other] = scene.state.instances;
    scene.command({ type: 'approve', id: one?.runId ?? '' });
    const prepared = { outcome: 'prepared', candidate: oid('c'), base, statusWritten: false } as const;
    const result = { outcome: 'blocked', message: 'a.txt is not committed', paths: ['a.txt'] } as const;
    const { runId = '' } = one ?? {};
    scene.answer('git.prepare', { type: 'prepared', runId, head: oid('1'), result: prepared });
    scene.answer('git.land', { type: 'landed', runId, result });
    expect(states(scene)).toEqual(['claude blocked', 'codex awaiting-approval']);
    expect(scene.command({ type: 'approve', id: other?.runId ?? '' }).answer?.ok).toBe(false);
    scene.command({ type: 'reject', id: runId, reason: 'not this one' });
    expect(scene.command({ type: 'approve', id: other?.runId ?? '' }).answer?.ok).toBe(true);
  });

  it('no policy chooses between them, only a person', () => {
    const scene = ready({ approve: 'clean' });
    expect(states(scene)).toEqual(['claude awaiting-approval', 'codex awaiting-approval']);
    const [one] = scene.state.instances;
    scene.command({ type: 'reject', id: one?.runId ?? '', reason: 'worse' });
    expect(states(scene)).toEqual(['claude rejected', 'codex queued']);
  });

  it('cancels those still at work when one lands, and what they committed stays', () => {
    const scene = new Scene([item]);
    scene.ready();
    scene.command({ type: 'race', id: 'US-001', agents: ['claude', 'codex'] });
    const [one, other] = scene.state.instances;
    finish(scene, one?.runId ?? '');
    scene.send({ type: 'fact', event: landed(one, scene.at) });
    expect(scene.run(other?.runId)).toMatchObject({
      state: 'stopping',
      reason: 'archived: 001 by claude landed instead; its branch is kept',
    });
  });

  it('the work loop starts what the item names, all at once or not at all', () => {
    const named = { ...item, agents: ['claude', 'codex', 'codex'] };
    const later = makeItem('US-002', { scope: { kind: 'known', paths: ['source/US-002/**'] } });
    const tight = new Scene([named, later], { maxParallel: 2 }, { mode: 'auto' });
    tight.ready();
    expect(tight.state.instances.map(({ priorityId }) => priorityId)).toEqual(['US-002']);
    expect(tight.command({ type: 'spawn', id: 'US-001' }).answer?.message).toContain(
      'its 3 agents need 3 places at once',
    );
    const wide = new Scene([named, later], { maxParallel: 4 }, { mode: 'auto' });
    wide.ready();
    expect(wide.state.instances.map(({ agent: name }) => name)).toEqual(['claude', 'codex', 'codex', 'demo']);
  });

  it('counts a race as one attempt, and retries one of its runs beside the others', () => {
    const scene = ready();
    const [one] = scene.state.instances;
    scene.command({ type: 'reject', id: one?.runId ?? '', reason: 'worse' });
    expect(scene.command({ type: 'retry', id: one?.runId ?? '' }).answer?.ok).toBe(true);
    const [, , third] = scene.state.instances;
    expect([third?.race, third?.agent, third?.slug]).toEqual([one?.race, 'claude', '001-3']);
  });

  it('is compared by what a reviewer asks: diff stat, checks, cost, time, files in common', () => {
    const scene = ready();
    const [one] = scene.state.instances;
    if (one === undefined) throw new Error('no run');
    expect(raceView(scene.state, one, scene.at)).toMatchObject([
      { slug: '001', agent: 'claude', shown: true, files: 1, insertions: 1, common: 1, checks: 'none' },
      { slug: '001-2', agent: 'codex', shown: false, files: 1, insertions: 1, common: 1, checks: 'none' },
    ]);
  });

  it('is in the journal as one field of each run, so that an older journal reads as before', () => {
    const scene = new Scene([item]);
    scene.ready();
    const { facts } = scene.command({ type: 'race', id: 'US-001', agents: ['claude', 'claude'] });
    const state = facts.reduce((known, fact) => fold(known, { ...fact, at: 1 }), initialDurableState);
    expect(new Set(state.instances.map(({ race }) => race)).size).toBe(1);
    const [first] = facts.filter(fact => fact.type === 'instance-requested');
    const { race: _, ...old } = first ?? { race: '' };
    expect(fold(initialDurableState, { ...old, at: 1 } as never).instances[0]).not.toHaveProperty('race');
  });
});

function landed(instance: Instance | undefined, at: number) {
  const { runId = '', priorityId = '' } = instance ?? {};
  return { type: 'landed', runId, priorityId, candidate: oid('c'), statusWritten: true, at } as const;
}
