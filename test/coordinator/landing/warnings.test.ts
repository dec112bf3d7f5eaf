import { describe, expect, it } from 'vitest';
import { alerts } from '../../../source/coordinator/state/selectors.ts';
import { statusView } from '../../../source/coordinator/state/status-view.ts';
import type { Ownership } from '../../../source/domain/ownership/ownership.ts';
import type { Violation } from '../../../source/domain/queue/merge-entry.ts';
import { knownScope, makeItem, unknownScope } from '../../helpers/core/planning.ts';
import { base, file, goodBranch, head, oid, Scene } from '../../helpers/core/scene.ts';

const ownership: Ownership = {
  rules: [{ pattern: 'core/**', owner: 'backend', line: 3 }],
  readOnly: [],
  ignoredRows: 0,
};

function scene(settings: ConstructorParameters<typeof Scene>[1], scope = unknownScope): Scene {
  const items = [makeItem('US-001', { scope })];
  const one = new Scene(items, settings);
  const roadmap = { path: 'ROADMAP.md', items, problems: [] };
  one.send({ type: 'sources-read', sources: { roadmap, ownership, ownershipProblems: [], stamp: '' } });
  one.ready();
  return one;
}

const warning: Violation = {
  code: 'ownership',
  path: 'core/a.ts',
  message: 'core/a.ts belongs to backend, not to code_developer',
};
const ofBackend = goodBranch({ files: [file('core/a.ts')] });

describe('a branch with files of another owner, where ownership only warns', () => {
  it('waits for a person, with the warning in its reason, its event and its status', () => {
    const one = scene({ ownershipPolicy: 'warn', approve: 'clean' });
    const { runId } = one.running();
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 900 } });
    const { facts } = one.answer('git.judge', { type: 'judged', runId, facts: ofBackend, result: null });
    const reason = `warning: ${warning.message}`;
    expect(facts).toContainEqual({
      type: 'instance-judged',
      runId,
      priorityId: 'US-001',
      state: 'awaiting-approval',
      reason,
      head,
      commits: 1,
      files: ofBackend.files,
      violations: [],
      warnings: [warning],
    });
    const clean = { outcome: 'clean', base, head, tree: oid('e') } as const;
    one.answer('git.predict', { type: 'predicted', runId, head, result: clean });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', reason, merge: { prediction: 'clean' } });
    expect(one.command({ type: 'approve-all' }).answer).toMatchObject({ ok: false });
    const { instances, queue } = statusView(one.state, null, 0);
    expect(instances[0]).toMatchObject({ violations: [], warnings: [warning] });
    expect(queue[0]).toMatchObject({ violations: [], warnings: [warning] });
    // A person need not accept anything.
    expect(one.command({ type: 'approve', id: runId }).answer).toMatchObject({ ok: true });
    expect(one.run().state).toBe('queued');
  });

  it('is warned of again once it merges cleanly after a conflict', () => {
    const one = scene({ ownershipPolicy: 'warn' });
    const { runId } = one.judged(ofBackend);
    const conflict = { outcome: 'conflict', base, head, paths: ['core/a.ts'] } as const;
    one.answer('git.predict', { type: 'predicted', runId, head, result: conflict });
    expect(one.run().state).toBe('conflict');
    one.send({ type: 'target-moved', tip: oid('f') });
    const clean = { outcome: 'clean', base: oid('f'), head, tree: oid('e') } as const;
    one.answer('git.predict', { type: 'predicted', runId, head, result: clean });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', reason: `warning: ${warning.message}` });
  });

  it('is blocked where ownership blocks, and warns of nothing', () => {
    const one = scene({ approve: 'clean' });
    expect(one.judged(ofBackend)).toMatchObject({ state: 'blocked', merge: { violations: [warning] } });
    expect(one.run().merge.warnings).toBeUndefined();
  });
});

describe('work in progress', () => {
  const outside = { code: 'scope', path: 'core/a.ts', message: "core/a.ts is outside the item's scope" };

  it('is warned of by its paths, in one event and as long as it is so', () => {
    const one = scene({ ownershipPolicy: 'warn' }, knownScope('source/'));
    const { runId } = one.running();
    const read = (...paths: string[]) => one.send({ type: 'radar-read', radar: [], changed: { [runId]: paths } });
    expect(read('source/x.ts').facts).toEqual([]);
    expect(alerts(one.state)).toEqual({});
    const sentences = [`will block its landing: ${outside.message}`, `warning: ${warning.message}`];
    expect(read('source/x.ts', 'core/a.ts').facts).toEqual([
      { type: 'notice-raised', level: 'warning', text: `US-001: ${sentences.join('; ')}`, runId },
    ]);
    expect(alerts(one.state)).toEqual({ [runId]: sentences });
    expect(statusView(one.state, null, 0).instances[0]).toMatchObject({ violations: [outside], warnings: [warning] });
    // It comes and goes with the work, and is told once.
    expect(read('source/x.ts').facts).toEqual([]);
    expect(alerts(one.state)).toEqual({});
    expect(read('core/a.ts', 'core/b.ts').facts).toEqual([]);
    expect(alerts(one.state)[runId]).toHaveLength(2);
  });

  it('has both kinds of violations where ownership blocks, and they end with the run', () => {
    const one = scene({}, knownScope('source/'));
    const { runId } = one.running();
    one.send({ type: 'radar-read', radar: [], changed: { [runId]: ['core/a.ts'] } });
    expect(statusView(one.state, null, 0).instances[0]).toMatchObject({ violations: [outside, warning], warnings: [] });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 900 } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(alerts(one.state)).toEqual({});
    expect(statusView(one.state, null, 0).instances[0]).toMatchObject({ violations: [], warnings: [] });
  });

  it('that writes thousands of files in the wrong place keeps the state small', () => {
    const one = scene({}, knownScope('source/'));
    const { runId } = one.running();
    const paths = Array.from({ length: 5000 }, (_, index) => `lib/${index}.ts`);
    one.send({ type: 'radar-read', radar: [], changed: { [runId]: paths } });
    expect(one.state.early?.[runId]?.violations).toHaveLength(50);
  });
});
