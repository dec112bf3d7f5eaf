import { describe, expect, it } from 'vitest';
import { checksHash } from '../../../source/domain/checks.ts';
import type { CheckResult } from '../../../source/domain/queue/merge-entry.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { base, head, look, oid, Scene } from '../../helpers/core/scene.ts';

const early = oid('c');
const final = oid('f');
const tree = oid('7');
const other = oid('8');
const checks = ['test'];
const commandHash = checksHash({ checks });

function scene(settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
  const made = new Scene([makeItem('US-001'), makeItem('US-002')], { checks, checkEarly: true, ...settings });
  made.ready();
  return made;
}

/** The trial merge for checks before the approval. */
function built(one: Scene, made = tree) {
  const { runId } = one.run();
  const result = { outcome: 'prepared', candidate: early, base, statusWritten: false, tree: made } as const;
  return one.answer('speculate.prepare', { type: 'speculated', runId, head, onto: base, result });
}

function checked(one: Scene, outcome: CheckResult['outcome'], kind = 'speculate.check') {
  const { runId, merge } = one.run();
  const { candidate = '', tree: of } = merge.check ?? {};
  const result = { candidate, ...(of === undefined ? {} : { tree: of }), commandHash, outcome, detail: outcome };
  return one.answer(kind, { type: 'checked', runId, result });
}

/** The candidate that is built on approval. */
function prepared(one: Scene, made = tree) {
  const { runId } = one.run();
  const result = { outcome: 'prepared', candidate: final, base, statusWritten: false, tree: made } as const;
  return one.answer('git.prepare', { type: 'prepared', runId, head, result });
}

describe('checks before the approval', () => {
  it('run on the trial merge of what is ready for review, and approve nothing', () => {
    const one = scene();
    const { runId } = one.predicted();
    expect(one.underWay).toEqual(['speculate.prepare']);
    expect(built(one).effects).toEqual([{ type: 'speculate.check', runId, candidate: early, effectId: 6 }]);
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', merge: { approvedHead: null } });
    expect(checked(one, 'passed').effects).toEqual([]);
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', merge: { checks: { outcome: 'passed' } } });
    expect(one.send({ type: 'tick' }).effects).toEqual([]);
  });

  it('count for what lands when it holds the very same tree: another one is built and not checked again', () => {
    const one = scene();
    one.predicted();
    built(one);
    checked(one, 'passed');
    one.command({ type: 'approve', id: 'US-001' });
    const { runId } = one.run();
    expect(prepared(one).effects).toEqual([{ type: 'git.land', runId, base, candidate: final, effectId: 8 }]);
  });

  it('land nothing by themselves, whatever has become of the work meanwhile', () => {
    const one = scene();
    one.predicted();
    built(one);
    checked(one, 'passed');
    one.command({ type: 'approve', id: 'US-001' });
    const { runId } = one.run();
    one.answer('git.prepare', { type: 'prepared', runId, head, result: { outcome: 'empty' } });
    expect(one.underWay).not.toContain('git.land');
    expect(one.run()).toMatchObject({ state: 'no-work', merge: { landed: null } });
  });

  it('count for no other tree', () => {
    const one = scene();
    one.predicted();
    built(one);
    checked(one, 'passed');
    one.command({ type: 'approve', id: 'US-001' });
    const { runId } = one.run();
    expect(prepared(one, other).effects).toEqual([{ type: 'checks.run', runId, candidate: final, effectId: 8 }]);
    checked(one, 'passed', 'checks.run');
    expect(one.run().state).toBe('landing');
  });

  it('count for no other commands', () => {
    const one = scene();
    one.predicted();
    built(one);
    checked(one, 'passed');
    one.state = { ...one.state, settings: { ...one.state.settings, checks: ['other'] } };
    one.command({ type: 'approve', id: 'US-001' });
    expect(prepared(one).effects.map(({ type }) => type)).toContain('checks.run');
  });

  it('that are under way at the approval go on, and are waited for', () => {
    const one = scene();
    const { runId } = one.predicted();
    built(one);
    one.command({ type: 'approve', id: 'US-001' });
    expect(prepared(one).effects).toEqual([]);
    expect(one.run()).toMatchObject({ state: 'checking', merge: { check: { candidate: early, ended: false } } });
    const { effects } = checked(one, 'passed');
    expect(effects).toEqual([{ type: 'git.land', runId, base, candidate: final, effectId: 8 }]);
  });

  it('that were given up as it lost its turn are no answer to those that run after them', () => {
    const one = scene();
    const { runId } = one.predicted();
    built(one);
    const effectId = one.effectId('speculate.check');
    one.command({ type: 'approve', id: 'US-001' });
    prepared(one);
    const { effects } = one.command({ type: 'requeue', id: 'US-001', class: 'urgent' });
    expect(effects.slice(-2).map(({ type }) => type)).toEqual(['checks.stop', 'checks.run']);
    const result = { candidate: early, tree, commandHash, outcome: 'passed', detail: 'passed' } as const;
    const late = one.send({ type: 'outcome', effectId, outcome: { type: 'checked', runId, result } });
    expect(late.facts).toEqual([]);
    expect(one.underWay).toEqual(['checks.run']);
    checked(one, 'passed', 'checks.run');
    expect(one.underWay).toEqual(['git.land']);
  });

  it('that are under way on another tree at the approval are stopped', () => {
    const one = scene();
    const { runId } = one.predicted();
    built(one);
    one.command({ type: 'approve', id: 'US-001' });
    expect(prepared(one, other).effects).toEqual([
      { type: 'checks.stop', runId },
      { type: 'checks.run', runId, candidate: final, effectId: 8 },
    ]);
  });

  it('that fail are told, hold nothing up, and are tried again alone', () => {
    const one = scene();
    const { runId } = one.predicted();
    built(one);
    checked(one, 'failed');
    expect(one.run().state).toBe('awaiting-approval');
    expect(one.state.notices.at(-1)?.text).toBe('US-001: the checks fail on the trial merge: failed');
    one.command({ type: 'approve', id: 'US-001' });
    expect(prepared(one).effects).toEqual([{ type: 'checks.run', runId, candidate: final, effectId: 8 }]);
  });

  it('are stopped and run again when the target moves', () => {
    const one = scene();
    const { runId } = one.predicted();
    built(one);
    const moved = oid('e');
    const { effects } = one.send({ type: 'target-moved', tip: moved });
    expect(effects).toContainEqual({ type: 'checks.stop', runId });
    const result = { outcome: 'clean', base: moved, head, tree: oid('a') } as const;
    one.answer('git.predict', { type: 'predicted', runId, head, result });
    checked(one, 'error');
    expect(one.run().merge.checks).toBeNull();
    expect(one.underWay).toEqual(['speculate.prepare']);
  });

  it('are given up when the branch moves', () => {
    const one = scene();
    const { runId } = one.predicted();
    built(one);
    const branches = { main: base, 'roadmap-001': oid('9') };
    one.send({ type: 'observed', observation: look({ git: { branches } }) });
    const facts = { head: oid('9'), commits: 2, files: [], dirty: [], operation: null };
    const told = one.answer('git.judge', {
      type: 'judged',
      runId,
      facts: { ...facts, checkedOut: 'roadmap-001', worktreeExists: true, escapingLinks: [] },
      result: null,
    });
    expect(told.effects).toContainEqual({ type: 'checks.stop', runId });
  });

  it('wait while agents take all the room, and while something is being landed', () => {
    const busy = scene({ maxParallel: 1 });
    busy.predicted();
    expect(busy.underWay).toEqual(['speculate.prepare']);
    const full = scene({ maxParallel: 1 });
    full.judged();
    full.command({ type: 'spawn', id: 'US-002', overCapacity: true });
    const [first] = full.state.instances;
    const result = { outcome: 'clean', base, head, tree: oid('a') } as const;
    full.answer('git.predict', { type: 'predicted', runId: first?.runId ?? '', head, result });
    expect(full.underWay).not.toContain('speculate.prepare');
  });

  it.each<[string, ConstructorParameters<typeof Scene>[1]]>([
    ['with the setting off', { checkEarly: false }],
    ['without checks', { checks: [] }],
  ])('do not run %s', (_, settings) => {
    const one = scene(settings);
    one.predicted();
    expect(one.underWay).toEqual([]);
  });

  it('are not tried again and again on what cannot be built', () => {
    const one = scene();
    const { runId } = one.predicted();
    const result = { outcome: 'failed', message: 'no' } as const;
    one.answer('speculate.prepare', { type: 'speculated', runId, head, onto: base, result });
    expect(one.send({ type: 'tick' }).effects).toEqual([]);
    expect(one.underWay).toEqual([]);
  });

  it('go on under their number after a restart', () => {
    const one = scene();
    const { runId } = one.predicted();
    built(one);
    const { number } = one.run().merge.check ?? {};
    const again = new Scene([makeItem('US-001')], { checks, checkEarly: true }, { durable: one.state });
    const runs = { [runId]: { status: 'exited', exitCode: 0, endTime: 900 } } as const;
    const branches = { main: base, 'roadmap-001': head };
    again.ready(look({ runs, git: { branches } }));
    const result = { outcome: 'clean', base, head, tree: oid('a') } as const;
    const { effects } = again.answer('git.predict', { type: 'predicted', runId, head, result });
    expect(effects).toMatchObject([{ type: 'speculate.check', candidate: early }]);
    expect(again.run().merge.check).toMatchObject({ number, ended: false });
  });
});
