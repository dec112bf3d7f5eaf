import { type Instance, isAlive, type Oid, type RunId, waitsToLand } from '../domain/instance.ts';
import type { Priority, Scope } from '../domain/priority.ts';
import { slugOf } from '../domain/roadmap/slug.ts';
import type { GitObservation } from '../ports/git.ts';
import type { CoordinatorEvent, EventOf } from './events.ts';
import { fold } from './fold.ts';
import { harmless } from './sentences.ts';
import type { DurableState } from './state.ts';

/** A run folder, by the record in it. */
export interface FoundRun {
  readonly runId: RunId;
  readonly slug: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Null where the record does not say what the run was for. */
  readonly item: {
    readonly priorityId: string;
    readonly key: string;
    readonly title: string;
    readonly branch: string;
    readonly base: Oid;
    readonly worktree: string;
  } | null;
}

/** Everything that is left of the state when the journal is damaged. */
export interface Remains {
  /** The fold of what stands before the damage. */
  readonly before: DurableState;
  /** Whole records behind it. */
  readonly later: readonly CoordinatorEvent[];
  readonly runs: readonly FoundRun[];
  readonly git: GitObservation;
  /** Branch → the commit at which it left the target. */
  readonly bases: Readonly<Record<string, Oid>>;
  /** Those of `commitsInQuestion` that are part of the target now. */
  readonly onTarget: ReadonlySet<Oid>;
  readonly items: readonly Priority[];
  readonly target: string;
  readonly branchPrefix: string;
  /** For runs of which nobody knows any more which program they ran. */
  readonly agent: string;
  /** Where a run of that slug has its worktree, should git not list it any more. */
  readonly worktreeOf: (slug: string) => string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Rebuilt {
  readonly state: DurableState;
  /** What was found, one sentence each, for the person who has to agree. */
  readonly findings: readonly string[];
}

/**
 * A state as near to the lost one as the world can prove; never an empty one where anything is left. What it adds is stated as facts
 * and folded like any other: processes, exit codes and branches are then told by the usual comparison with the world. Approvals are
 * void, since what withdrew them may be among what was lost.
 */
export function rebuild(remains: Remains): Rebuilt {
  const lost = lostRuns(remains);
  let state = remains.before;
  const add = (events: readonly CoordinatorEvent[]): void => {
    for (const event of events) state = fold(state, event);
  };
  add(lost.flatMap(run => run.facts));
  add(remains.later);
  const corrections = state.instances.map(instance => ({ instance, facts: corrected(instance, remains) }));
  add(corrections.flatMap(({ facts }) => facts));
  const voided = corrections.flatMap(({ instance, facts }) =>
    facts.some(fact => fact.type === 'approval-voided') ? [`${instance.key} has to be approved again.`] : [],
  );
  const known = state.instances.length - lost.length;
  return {
    state,
    findings: [
      `${known} ${known === 1 ? 'run is' : 'runs are'} told by the sound part of the journal.`,
      ...lost.map(run => run.finding),
      ...state.instances.filter(({ state: now }) => isAlive(now)).map(describeAlive),
      ...voided,
    ],
  };
}

/** Commits of which it has to be known whether they are part of the target. */
export function commitsInQuestion(
  { before, later }: Pick<Remains, 'before' | 'later'>,
  { pins }: GitObservation,
): readonly Oid[] {
  const state = later.reduce(fold, before);
  const candidates = state.instances.flatMap(({ merge }) => (merge.candidate === null ? [] : [merge.candidate.oid]));
  const pinned = Object.entries(pins ?? {}).flatMap(([name, oid]) =>
    /^refs\/cm\/(cand|landed)\//.test(name) ? [oid] : [],
  );
  return [...new Set([...candidates, ...pinned])];
}

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
function lostRuns(remains: Remains): readonly LostRun[] {
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
  return found;
}

function traces(remains: Remains): readonly Trace[] {
  const { runs, branchPrefix, worktreeOf } = remains;
  const worktrees = remains.git.worktrees ?? [];
  const placeOf = (runId: RunId) => worktrees.find(({ lockedReason }) => lockedReason === `cm-tui ${runId}`);
  const byFolder = runs.map(run => {
    const { runId, slug, item } = run;
    const branchName = item?.branch ?? `${branchPrefix}${slug}`;
    const worktreePath = item?.worktree ?? placeOf(runId)?.path ?? worktreeOf(slug);
    return { runId, slug, run, branchName, worktreePath, by: `its run folder ${slug}` };
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
  // Without its folder nobody can tell whether it ever ran: it is not started again by itself.
  if (landed === null && run === null) {
    const { priorityId } = request;
    facts.push({ type: 'instance-exited', runId, priorityId, exitCode: null, endTime: at, lost: 'killed', at });
  }
  const what = landed === null ? 'is taken up again' : `has landed as ${landed.slice(0, 10)}`;
  return { facts, finding: `${harmless(request.key)} ${what}, found by ${harmless(trace.by)}.` };
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
    title: harmless(run?.item?.title ?? item?.title ?? ''),
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

function itemOf({ run, slug }: Trace, items: readonly Priority[]): Priority | undefined {
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

/** What the world says better than a journal with a gap. */
function corrected(instance: Instance, { git, bases, onTarget, at }: Remains): readonly CoordinatorEvent[] {
  const { runId, priorityId, state, merge, base, branchName } = instance;
  const { candidate } = merge;
  if (waitsToLand(state) && candidate !== null && onTarget.has(candidate.oid)) {
    return [
      { type: 'landed', runId, priorityId, candidate: candidate.oid, statusWritten: candidate.statusWritten, at },
    ];
  }
  if (state === 'queued' || state === 'checking' || state === 'landing') {
    const reason = 'the journal was damaged after it was approved; approve it again';
    return [{ type: 'approval-voided', runId, priorityId, reason, at }];
  }
  const left = bases[branchName];
  if (isAlive(state) && base === null && left !== undefined && isListed(instance.worktreePath, git)) {
    return [{ type: 'worktree-created', runId, base: left, at }];
  }
  return [];
}

function isListed(path: string, { worktrees }: GitObservation): boolean {
  return worktrees === null || worktrees.some(worktree => worktree.path === path);
}

function describeAlive({ key, state, branchName }: Instance): string {
  return `${harmless(key)} was ${state} on ${branchName}; its process is looked for.`;
}

/** A landing that only its pin tells of has lost its run's id; it gets one that is the same at every look. */
function runIdOf(slug: string): RunId {
  let hash = 0xcbf29ce484222325n;
  for (const character of slug) hash = BigInt.asUintN(64, (hash ^ BigInt(character.charCodeAt(0))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
