import { describe, expect, test } from 'vitest';
import { initialDurableState } from '../../../source/coordinator/fold/fold.ts';
import { commitsInQuestion, rebuildJournal } from '../../../source/coordinator/recovery/rebuild-journal.ts';
import type { FoundRun, Remains } from '../../../source/coordinator/recovery/remains.ts';
import { replay } from '../../../source/coordinator/update.ts';
import type { Item } from '../../../source/domain/item.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import type { GitObservation, WorktreeObservation } from '../../../source/ports/git.ts';

const runId = 'aaaaaaaaaaaaaaaa';
const other = 'bbbbbbbbbbbbbbbb';
const oid = (letter: string) => letter.repeat(40);

function item(key: string, change: Partial<Item> = {}): Item {
  return {
    id: key,
    key,
    aliases: [],
    title: `Work of ${key}`,
    status: 'planned',
    heading: '',
    line: 1,
    endLine: 2,
    dependsOn: [],
    notes: [],
    scope: { kind: 'known', paths: [`out/${key}.txt`] },
    agentType: 'code_developer',
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: null,
    ...change,
  };
}

function worktree(
  slug: string,
  lockedBy: string | null,
  branchName: string | null = `roadmap-${slug}`,
): WorktreeObservation {
  const lockedReason = lockedBy === null ? null : `cm-tui ${lockedBy}`;
  return { path: `/w/shop-wt${slug}`, branchName, head: oid('a'), lockedReason, prunable: false, exists: true };
}

function requested(id: string, key: string, slug: string): CoordinatorEvent {
  const { title, agentType, scope } = item(key);
  const names = { branchName: `roadmap-${slug}`, worktreePath: `/w/shop-wt${slug}`, target: 'main' };
  return {
    type: 'instance-requested',
    at: 1,
    runId: id,
    priorityId: key,
    key,
    title,
    slug,
    attempt: 1,
    agent: 'demo',
    agentType,
    scope,
    ...names,
  };
}

const nothingInGit: GitObservation = { worktrees: [], branches: { main: oid('f') }, pins: {}, targetTip: oid('f') };

function remains(change: Partial<Remains> = {}): Remains {
  return {
    before: initialDurableState,
    later: [],
    runs: [],
    git: nothingInGit,
    bases: {},
    onTarget: new Set(),
    items: [item('US-043'), item('US-044')],
    target: 'main',
    branchPrefix: 'roadmap-',
    agent: 'claude',
    worktreeOf: slug => `/w/shop-wt${slug}`,
    at: 9,
    ...change,
  };
}

const folder: FoundRun = {
  runId,
  slug: '043',
  startedAt: 5,
  item: {
    priorityId: 'US-043',
    key: 'US-043',
    title: 'Baskets',
    branch: 'roadmap-043',
    base: oid('e'),
    worktree: '/w/shop-wt043',
  },
};
const only = (change: Partial<Remains>) => {
  const { state, findings } = rebuildJournal(remains(change));
  expect(state.instances).toHaveLength(1);
  return { instance: state.instances[0], findings: findings.join('\n') };
};

describe('a run of which the journal says nothing any more', () => {
  test('is found by its run folder', () => {
    const { instance, findings } = only({ runs: [folder] });
    expect(instance).toMatchObject({
      runId,
      key: 'US-043',
      title: 'Baskets',
      state: 'preparing',
      base: oid('e'),
      branchName: 'roadmap-043',
      requestedAt: 5,
      agent: 'claude',
      scope: { kind: 'known', paths: ['out/US-043.txt'] },
    });
    expect(findings).toContain('US-043 is recovered, found by its run folder 043');
  });

  test('a folder that does not say what it was for is matched by its slug', () => {
    const { instance } = only({ runs: [{ ...folder, slug: '044-2', item: null }] });
    expect(instance).toMatchObject({
      key: 'US-044',
      attempt: 2,
      branchName: 'roadmap-044-2',
      worktreePath: '/w/shop-wt044-2',
    });
  });

  test('a folder of an item that is no longer there keeps its own words', () => {
    const { instance } = only({ runs: [folder], items: [] });
    expect(instance).toMatchObject({ key: 'US-043', scope: { kind: 'unknown', paths: [] } });
  });

  test('is found by the lock on its worktree, and not taken for one that never ran', () => {
    const git = {
      ...nothingInGit,
      worktrees: [worktree('043', runId)],
      branches: { main: oid('f'), 'roadmap-043': oid('a') },
    };
    const { instance } = only({ git, bases: { 'roadmap-043': oid('e') } });
    expect(instance).toMatchObject({ runId, key: 'US-043', state: 'completed', lost: 'killed', base: oid('e') });
  });

  test('its worktree tells its branch even where the agent has left it', () => {
    const git = { ...nothingInGit, worktrees: [worktree('043', runId, 'main')] };
    expect(only({ git }).instance?.branchName).toBe('roadmap-043');
  });

  test('what landed is landed, and not run again', () => {
    const git = { ...nothingInGit, pins: { 'refs/cm/landed/043': oid('c') } };
    const { instance, findings } = only({ git, onTarget: new Set([oid('c')]) });
    expect(instance).toMatchObject({ key: 'US-043', state: 'cleaned', merge: { landed: oid('c') } });
    expect(findings).toContain('US-043 has landed as cccccccccc');
  });

  test('a landing whose pin was not written is told by its candidate', () => {
    const git = { ...nothingInGit, pins: { 'refs/cm/cand/043': oid('c') }, branches: { 'roadmap-043': oid('a') } };
    const { instance } = only({ runs: [folder], git, onTarget: new Set([oid('c')]) });
    expect(instance).toMatchObject({ state: 'merged', merge: { landed: oid('c') } });
  });

  test('a pin alone is no proof', () => {
    const git = { ...nothingInGit, pins: { 'refs/cm/landed/043': oid('c') } };
    expect(rebuildJournal(remains({ git })).state.instances).toEqual([]);
  });

  test("the user's own worktrees and branches are not taken over", () => {
    const git = {
      ...nothingInGit,
      worktrees: [worktree('045', null), { ...worktree('046', null), lockedReason: 'cm-tui checks' }],
      branches: { main: oid('f'), 'roadmap-045': oid('a') },
    };
    expect(rebuildJournal(remains({ git })).state.instances).toEqual([]);
  });

  test('records behind the damage tell what became of it', () => {
    const process = { pid: 7, startTime: '8', bootId: 'boot' };
    const later: CoordinatorEvent[] = [
      { type: 'instance-started', runId, priorityId: 'US-043', process, at: 6 },
      requested(other, 'US-044', '044'),
    ];
    const { state } = rebuildJournal(remains({ runs: [folder], later }));
    expect(state.instances.map(({ key, state: now }) => [key, now])).toEqual([
      ['US-043', 'running'],
      ['US-044', 'preparing'],
    ]);
    expect(state.instances[0]?.process).toEqual(process);
  });
});

describe('a run that the sound part tells of', () => {
  const approved = (...more: CoordinatorEvent[]) =>
    replay([
      requested(runId, 'US-043', '043'),
      { type: 'worktree-created', runId, base: oid('e'), at: 2 },
      { type: 'merge-approved', runId, priorityId: 'US-043', head: oid('a'), by: 'user', accepted: [], at: 3 },
      ...more,
    ]);
  const candidate = { oid: oid('c'), base: oid('e'), head: oid('a'), statusWritten: true };
  const prepared: CoordinatorEvent = { type: 'candidate-prepared', runId, candidate, at: 4 };

  test('stays once, whatever else tells of it', () => {
    const before = replay([requested(runId, 'US-043', '043')]);
    const git = { ...nothingInGit, worktrees: [worktree('043', runId)], pins: { 'refs/cm/landed/043': oid('c') } };
    const { instance, findings } = only({ before, runs: [folder], git, onTarget: new Set([oid('c')]) });
    expect(instance?.runId).toBe(runId);
    expect(findings).toContain('1 run is recovered from the intact part');
  });

  test('its approval is void', () => {
    const { instance, findings } = only({ before: approved() });
    expect(instance).toMatchObject({ state: 'completed', merge: { approvedHead: null } });
    expect(findings).toContain('US-043 needs approval again');
  });

  test('unless its candidate is part of the target', () => {
    const start: CoordinatorEvent = { type: 'landing-started', runId, base: oid('e'), candidate: oid('c'), at: 5 };
    const before = approved(prepared, start);
    expect(commitsInQuestion({ before, later: [] }, nothingInGit)).toEqual([oid('c')]);
    expect(only({ before, onTarget: new Set([oid('c')]) }).instance).toMatchObject({
      state: 'merged',
      merge: { landed: oid('c') },
    });
    expect(only({ before }).instance).toMatchObject({
      state: 'completed',
      merge: { approvedHead: null, candidate: null },
    });
  });

  test('learns the base of a worktree whose making was lost', () => {
    const before = replay([requested(runId, 'US-043', '043')]);
    const git = { ...nothingInGit, worktrees: [worktree('043', runId)] };
    expect(only({ before, git, bases: { 'roadmap-043': oid('e') } }).instance?.base).toBe(oid('e'));
    expect(only({ before, bases: { 'roadmap-043': oid('e') } }).instance?.base).toBe(null);
  });

  test('rebuilding what was rebuilt changes nothing', () => {
    const git = { ...nothingInGit, worktrees: [worktree('043', runId)], branches: { 'roadmap-043': oid('a') } };
    const first = rebuildJournal(remains({ runs: [folder], git, bases: { 'roadmap-043': oid('e') } })).state;
    const second = rebuildJournal(
      remains({ before: first, runs: [folder], git, bases: { 'roadmap-043': oid('e') } }),
    ).state;
    expect(second).toEqual(first);
  });
});
