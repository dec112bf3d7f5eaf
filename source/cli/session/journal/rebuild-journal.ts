import { basename, join } from 'node:path';
import { livingRuns } from '../../../adapters/processes/living-runs.ts';
import { readRunRecords } from '../../../adapters/processes/run-folder.ts';
import { system } from '../../../adapters/system/system.ts';
import { initialDurableState } from '../../../coordinator/fold/fold.ts';
import { commitsInQuestion, type Rebuilt, rebuildJournal } from '../../../coordinator/recovery/rebuild-journal.ts';
import type { FoundRun } from '../../../coordinator/recovery/remains.ts';
import type { DurableState } from '../../../coordinator/state/state.ts';
import { replay } from '../../../coordinator/update.ts';
import type { Oid } from '../../../domain/ids.ts';
import { isBesideRun } from '../../../domain/review/reading.ts';
import { worktreePathOf } from '../../../domain/text/names.ts';
import type { GitObservation } from '../../../ports/git.ts';
import type { JournalLoad } from '../../../ports/journal.ts';
import type { Context } from '../context.ts';
import { sourcesOf } from '../sources.ts';
import { type Damaged, JournalDamage } from './damage.ts';

/** The fold of a journal; throws `JournalDamage` if it must not be built on. */
export function durableOf(load: JournalLoad): DurableState {
  if (load.outcome === 'damaged') throw new JournalDamage(load);
  return replay(load.events, snapshotOf(load));
}

/** The fold of everything that is readable, for inspection only: something is missing after the damage. */
export function knownOf(load: JournalLoad): DurableState {
  const later = load.outcome === 'damaged' ? (load.later ?? []) : [];
  return replay([...load.events, ...later], snapshotOf(load));
}

/** The journal verifies a snapshot's checksum before returning it: it holds what `durablePart` wrote. */
function snapshotOf(load: Pick<JournalLoad, 'snapshot'>): DurableState {
  const state = load.snapshot?.state;
  return state === undefined || state === null
    ? initialDurableState
    : { ...initialDurableState, ...(state as Partial<DurableState>) };
}

/** What the world still shows of a damaged journal's state. Changes nothing. */
export async function rebuildFrom(context: Context, load: Damaged): Promise<Rebuilt> {
  const { settings, root, git } = context;
  const { branchPrefix } = settings;
  const before = replay(load.events, snapshotOf(load));
  const target = context.target ?? before.target;
  const [reading, observation] = await Promise.all([
    sourcesOf({ ...context, target }).read(),
    git.observe(target, branchPrefix),
  ]);
  const later = load.later ?? [];
  const place = { root, name: basename(root) };
  return rebuildJournal({
    before,
    later,
    runs: await foundRuns(context, slug => worktreePathOf(slug, place, settings)),
    git: observation,
    bases: await basesOf(context, observation),
    onTarget: await onTarget(context, commitsInQuestion({ before, later }, observation), observation),
    items: reading.roadmap.items,
    target: target ?? '',
    branchPrefix,
    agent: settings.agent,
    worktreeOf: slug => worktreePathOf(slug, place, settings),
    at: Date.now(),
  });
}

/** Runs by their folders; of those that have none any more, by what their processes say. */
async function foundRuns(context: Context, worktreeOf: (slug: string) => string): Promise<readonly FoundRun[]> {
  const records = readRunRecords(join(context.stateDir, 'runs')).filter(({ runName }) => !isBesideRun(runName));
  const folders = records.map(({ runId, runName, startedAt, item }) => ({
    runId,
    slug: runName,
    startedAt,
    item: item ?? null,
  }));
  const living = (await livingRuns(system().table, context.stateDir)).map(({ runId, slug, item, process }) => ({
    process,
    runId,
    slug,
    startedAt: Date.now(),
    item: { ...item, worktree: worktreeOf(slug) },
  }));
  const ids = new Set(folders.map(({ runId }) => runId));
  return [...folders, ...living.filter(({ runId }) => !ids.has(runId))];
}

async function basesOf({ git }: Context, { branches, targetTip }: GitObservation): Promise<Record<string, Oid>> {
  const bases: Record<string, Oid> = {};
  for (const [branch, tip] of Object.entries(branches ?? {})) {
    const base = targetTip === null ? null : await git.mergeBase(tip, targetTip);
    if (base !== null) bases[branch] = base;
  }
  return bases;
}

/** What git cannot confirm does not count as landed. */
async function onTarget(
  { git }: Context,
  commits: readonly Oid[],
  { targetTip }: GitObservation,
): Promise<ReadonlySet<Oid>> {
  const found = new Set<Oid>();
  for (const commit of commits) {
    if (targetTip !== null && (await git.isAncestor(commit, targetTip).catch(() => false))) found.add(commit);
  }
  return found;
}
