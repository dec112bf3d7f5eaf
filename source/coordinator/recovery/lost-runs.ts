import type { Oid, RunId } from '../../domain/ids.ts';
import type { Item, Scope } from '../../domain/item.ts';
import { slugOf } from '../../domain/roadmap/slug.ts';
import type { CoordinatorEvent, EventOf } from '../../ports/events.ts';
import type { GitObservation } from '../../ports/git.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { FoundRun, Remains } from './remains.ts';

interface LostRun {
  readonly facts: readonly CoordinatorEvent[];
  readonly finding: string;
}

/** What is known of a run beside the journal. */
interface Trace {
  readonly runId: RunId;
  readonly slug: string;
  readonly by: string;
  readonly run: FoundRun | null;
  readonly branchName: string;
  readonly worktreePath: string;
}

/** Runs of which the journal says nothing any more: run folders, worktrees locked in a run's name, landings that are pinned. */
export function lostRuns(remains: Remains): readonly LostRun[] {
  const requested = remains.later.filter(event => event.type === 'instance-requested');
  const known = [...remains.before.instances, ...requested];
  const ids = new Set(known.map(({ runId }) => runId));
  const slugs = new Set(known.map(({ slug }) => slug));
  const found: LostRun[] = [];
  for (const trace of traces(remains)) {
    if (ids.has(trace.runId) || slugs.has(trace.slug)) continue;
    ids.add(trace.runId);
    slugs.add(trace.slug);
    found.push(lostRun(trace, remains));
  }
  return sideBySide(found);
}

/** What bound several runs of one item is lost with the journal, so they count as runs side by side: at most one of them lands. */
function sideBySide(found: readonly LostRun[]): readonly LostRun[] {
  const open = found.filter(({ facts }) => !facts.some(({ type }) => type === 'landed'));
  const itemOf = ({ facts }: LostRun) => facts.find(fact => fact.type === 'instance-requested');
  return found.map(run => {
    const item = itemOf(run)?.priorityId;
    const group = open.filter(other => itemOf(other)?.priorityId === item);
    const race = group.length > 1 && group.includes(run) ? itemOf(group[0] ?? run)?.runId : undefined;
    if (race === undefined) return run;
    const facts = run.facts.map(fact => (fact.type === 'instance-requested' ? { ...fact, race } : fact));
    return { ...run, facts };
  });
}

function traces(remains: Remains): readonly Trace[] {
  const { runs, branchPrefix, worktreeOf } = remains;
  const worktrees = remains.git.worktrees ?? [];
  const placeOf = (runId: RunId) => worktrees.find(({ lockedReason }) => lockedReason === `cm-tui ${runId}`);
  const byFolder = runs.map(run => {
    const { runId, slug, item } = run;
    const branchName = item?.branch ?? `${branchPrefix}${slug}`;
    const worktreePath = item?.worktree ?? placeOf(runId)?.path ?? worktreeOf(slug);
    const by = run.process === undefined ? `its run folder ${slug}` : `its process ${run.process.pid}`;
    return { runId, slug, run, branchName, worktreePath, by };
  });
  const byWorktree = worktrees.flatMap(({ path, branchName, lockedReason }): readonly Trace[] => {
    const runId = /^cm-tui ([a-z0-9]{16})$/.exec(lockedReason ?? '')?.[1];
    const slug = /-wt([a-z0-9][a-z0-9-]*)$/.exec(path)?.[1];
    if (runId === undefined || slug === undefined) return [];
    const own = branchName?.startsWith(branchPrefix) === true ? branchName : `${branchPrefix}${slug}`;
    return [{ runId, slug, run: null, branchName: own, worktreePath: path, by: `its worktree ${path}` }];
  });
  const byPin = Object.entries(remains.git.pins ?? {}).flatMap(([name, oid]): readonly Trace[] => {
    const slug = /^refs\/cm\/landed\/([a-z0-9][a-z0-9-]*)$/.exec(name)?.[1];
    if (slug === undefined || !remains.onTarget.has(oid)) return [];
    const names = { branchName: `${branchPrefix}${slug}`, worktreePath: worktreeOf(slug) };
    return [{ runId: runIdOf(slug), slug, run: null, ...names, by: `the commit that landed` }];
  });
  return [...byFolder, ...byWorktree, ...byPin];
}

function lostRun(trace: Trace, remains: Remains): LostRun {
  const { runId, run, branchName } = trace;
  const { git, bases, at } = remains;
  const request = requestOf(trace, remains);
  const base = bases[branchName] ?? run?.item?.base ?? null;
  const landed = landingOf(trace.slug, remains);
  const gone = git.branches !== null && git.branches[branchName] === undefined && !isListed(trace.worktreePath, git);
  const facts: CoordinatorEvent[] = [request];
  if (base !== null && base !== '') facts.push({ type: 'worktree-created', runId, base, at });
  if (landed !== null) {
    const { priorityId } = request;
    const statusWritten = itemOf(trace, remains.items)?.status === 'complete';
    facts.push({ type: 'landed', runId, priorityId, candidate: landed, statusWritten, at });
    if (gone) facts.push({ type: 'instance-cleaned', runId, priorityId, rescued: [], at });
  }
  if (run?.process !== undefined) {
    facts.push({ type: 'instance-started', runId, priorityId: request.priorityId, process: run.process, at });
  }
  // Without its folder nobody can tell whether it ever ran: it is not started again by itself.
  if (landed === null && run === null) {
    const { priorityId } = request;
    facts.push({ type: 'instance-exited', runId, priorityId, exitCode: null, endTime: at, lost: 'killed', at });
  }
  const what = landed === null ? 'is recovered' : `has landed as ${landed.slice(0, 10)}`;
  return { facts, finding: `${sanitizeReason(request.key)} ${what}, found by ${sanitizeReason(trace.by)}.` };
}

function requestOf(trace: Trace, { items, target, agent, at, ...remains }: Remains): EventOf<'instance-requested'> {
  const { runId, slug, run, branchName, worktreePath } = trace;
  const item = itemOf(trace, items);
  const key = run?.item?.key ?? item?.key ?? slug;
  const unknown: Scope = { kind: 'unknown', paths: [] };
  return {
    type: 'instance-requested',
    runId,
    priorityId: run?.item?.priorityId ?? item?.id ?? slug,
    key,
    title: sanitizeReason(run?.item?.title ?? item?.title ?? ''),
    slug,
    attempt: attemptOf(slug, key),
    agent: item?.agentProgram ?? agent,
    agentType: item?.agentType ?? 'code_developer',
    scope: item?.scope ?? unknown,
    branchName,
    worktreePath,
    target: remains.before.target ?? target,
    at: run?.startedAt ?? at,
  };
}

function itemOf({ run, slug }: Trace, items: readonly Item[]): Item | undefined {
  return (
    items.find(({ id }) => id === run?.item?.priorityId) ??
    items.find(({ key }) => slugOf(key, 1) === slug) ??
    items.find(({ key }) => slugOf(key, attemptOf(slug, key)) === slug)
  );
}

/** `043-2` is the second attempt of what has the slug `043`. */
function attemptOf(slug: string, key: string): number {
  const first = slugOf(key, 1);
  return slug.startsWith(`${first}-`) ? Number(/^\d{1,3}$/.exec(slug.slice(first.length + 1))?.[0] ?? 1) : 1;
}

/** The pin of a landing is a hint, and a killed git may have left it out: the target itself decides. */
function landingOf(slug: string, { git, onTarget }: Remains): Oid | null {
  const pinned = [git.pins?.[`refs/cm/landed/${slug}`], git.pins?.[`refs/cm/cand/${slug}`]];
  return pinned.find(oid => oid !== undefined && onTarget.has(oid)) ?? null;
}

export function isListed(path: string, { worktrees }: GitObservation): boolean {
  return worktrees === null || worktrees.some(worktree => worktree.path === path);
}

/** A landing that only its pin tells of has lost its run's id; it gets one that is the same at every look. */
function runIdOf(slug: string): RunId {
  let hash = 0xcbf29ce484222325n;
  for (const character of slug) hash = BigInt.asUintN(64, (hash ^ BigInt(character.charCodeAt(0))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
