import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive, originalStatus, type WorktreeConfig, waitsToLand } from '../../domain/instance.ts';
import type { EarlyFindings } from '../../domain/queue/gate.ts';
import { runsBelow } from '../../domain/stack/standing.ts';
import { shownState } from '../../domain/state-labels.ts';
import { noUsage, totalUsage, withLiveUsage } from '../../domain/usage.ts';
import type { TreeUsage } from '../../ports/processes.ts';
import { togetherWith } from '../landing/batch/chain.ts';
import { queueClassOf, queueWait, violationsOf } from '../landing/queue-order.ts';
import { type ReadingView, reviewerView } from '../review/reading-view.ts';
import type { RunSignals } from './handle.ts';
import { earlyFindings, radarView } from './radar-view.ts';
import { queueInstances, speedup } from './selectors.ts';
import type { State } from './state.ts';

/** Who owns the repository now; null: nobody does. */
export interface CoordinatorView {
  readonly pid: number;
  readonly mode: 'auto' | 'manual';
  /** False: it holds the repository but is stopped or hangs, and what is shown of it is what it wrote last. */
  readonly answers: boolean;
}

/** The document of `cm-tui status --json` (docs/contract.md). */
export function statusView(
  state: State,
  coordinator: CoordinatorView | null,
  now: number,
  usage: Readonly<Record<RunId, TreeUsage>> = {},
  signals: Readonly<Record<RunId, RunSignals>> = {},
) {
  const live = (instance: Instance): Instance => withLiveUsage(instance, signals[instance.runId]?.usage ?? null);
  return {
    repo: state.repository?.root ?? null,
    target: state.target,
    coordinator,
    paused: state.paused,
    queuePaused: state.queuePaused,
    runningCount: state.instances.filter(i => i.state === 'running' || i.state === 'stopping').length,
    maxParallel: state.settings.maxParallel,
    capacity: state.resources.capacity,
    instances: state.instances.map(instance =>
      instanceView(live(instance), findingsOf(state, instance), {
        below: runsBelow(instance, state.instances)[0] ?? null,
        usage: usage[instance.runId] ?? null,
        signals: signals[instance.runId] ?? null,
        review: reviewerView(state, instance, now),
      }),
    ),
    /** Where the target stands beside its remote; null: it has none, or that is not known. */
    upstream:
      state.upstream === undefined || state.upstream === null
        ? null
        : { name: state.upstream.name, ahead: state.upstream.ahead, behind: state.upstream.behind },
    queue: queueInstances(state)
      .filter(inQueue)
      .map(instance => queueView(state, instance, now)),
    /** Work in progress that would conflict if it landed as it is. */
    radar: radarView(state),
    resources: {
      cpuPercent: rounded(state.resources.cpuPercent),
      memoryPercent: rounded(state.resources.memoryPercent),
      diskPercent: rounded(state.resources.diskPercent),
    },
    speedup: speedup(state, now),
    /** What the runs since the last start have used; null: no agent reported it. */
    usage: totalUsage(state.instances.map(live), state.startedAt),
    cooldowns: Object.entries(state.cooldowns)
      .filter(([, until]) => until > now)
      .map(([agent, until]) => ({ agent, until: iso(until) })),
  };
}

/** What the gate says of it, or would say if it ended now. */
function findingsOf(state: State, instance: Instance): EarlyFindings {
  if (isAlive(instance.state)) return earlyFindings(state, instance.runId);
  return { violations: violationsOf(state, instance), warnings: instance.merge.warnings ?? [] };
}

function instanceView(
  instance: Instance,
  { violations, warnings }: EarlyFindings,
  {
    below,
    usage,
    signals,
    review,
  }: {
    readonly below: Instance | null;
    readonly usage: TreeUsage | null;
    readonly signals: RunSignals | null;
    readonly review: ReadingView | null;
  },
) {
  const { runId, priorityId, key, slug, state, agent, agentType, worktreePath, branchName, exitCode, reason } =
    instance;
  // What the original knew of a run, under its names; `process` below is what the run costs.
  const original: Omit<WorktreeConfig, 'process'> = {
    priorityId,
    worktreePath,
    branchName,
    status: originalStatus(state),
    pid: instance.process?.pid ?? null,
    startTime: iso(instance.startTime),
    endTime: iso(instance.endTime),
  };
  return {
    ...original,
    key,
    slug,
    runId,
    state,
    agent,
    agentType,
    exitCode,
    reason,
    /** Runs with the same value work on one item side by side, and at most one of them lands; null: it is alone. */
    race: instance.race ?? null,
    /** The run from whose branch it was begun and after which it lands; null: it lands by itself. */
    stackedOn: below === null ? null : { runId: below.runId, key: below.key, branchName: below.branchName },
    commits: instance.commits,
    files: instance.files.map(file => file.path),
    sessionId: instance.sessionId,
    landed: instance.merge.landed,
    landedAs: instance.landedAs ?? null,
    /** The commit that reverts it; null: it was not reverted. */
    revertedBy: instance.takenBack ?? null,
    /** Its landing was reverted, by a commit or by moving the target back. */
    reverted: shownState(instance) === 'reverted',
    /** What `cm-tui restore` brings back; null: its branch was not removed. */
    removed: instance.removed === undefined ? null : { head: instance.removed.head, saved: instance.removed.saved },
    /** Commits that landing it would bring back, the newest of them; and why they could not be left out, if that was tried. */
    returning: instance.returning?.commits ?? [],
    replayStopped: instance.replayStopped?.reason ?? null,
    pr:
      instance.pr === undefined
        ? null
        : { number: instance.pr.number, url: instance.pr.url, state: instance.pr.state, checks: instance.pr.checks },
    /** What changed outside its worktree while it ran, whoever did it, with the command that restores it. */
    outside: instance.outside ?? [],
    /** What blocks its landing, and what a person should see before it lands; of a run at work, as far as it has come. */
    violations,
    warnings,
    /** Questions of its agent that wait for an answer. */
    waiting: (instance.asks?.open ?? []).map(({ ask, words, since }) => ({ ask, words, since: iso(since) })),
    /** How far its agent is with its own plan; null: it has none. */
    plan: signals?.plan ?? null,
    /** Commands that its agent was not permitted to run. */
    refused: instance.refused ?? { count: 0, first: [] },
    /** When a run that waits continues by itself. */
    waitsUntil: instance.state === 'waiting' ? iso(instance.waits?.until ?? null) : null,
    /** The review by another agent; null: none is asked for. */
    review: review === null ? null : { agent: review.agent, state: review.state, found: review.found },
    activity: signals?.activity ?? null,
    lastOutputTime: iso(signals?.lastOutput ?? null),
    usage: instance.usage ?? noUsage,
    process: usage,
  };
}

function inQueue(instance: Instance): boolean {
  return instance.state !== 'completed' && waitsToLand(instance.state);
}

function queueView(all: State, instance: Instance, now: number) {
  const { priorityId, key, state, head, reason, merge } = instance;
  // Each target has an order of its own.
  const own = new Set(all.instances.filter(one => one.target === instance.target).map(one => one.runId));
  const order = (all.queueOrder ?? []).filter(runId => own.has(runId));
  return {
    priorityId,
    key,
    state,
    /** Its place among what will land on its target, 1 first; null: it is not approved. */
    place: order.includes(instance.runId) ? order.indexOf(instance.runId) + 1 : null,
    class: order.includes(instance.runId) ? queueClassOf(all, instance, now) : null,
    held: merge.place?.held ?? false,
    /** Why it does not get its turn; null: nothing but those before it. */
    waits: queueWait(all, instance),
    /** Keys of the items that it is checked, and lands, together with. */
    batch: togetherWith(all, instance).map(one => one.key),
    head,
    reason,
    prediction: merge.prediction,
    conflicts: merge.conflicts,
    violations: violationsOf(all, instance),
    warnings: merge.warnings ?? [],
    approvedHead: merge.approvedHead,
    candidate: merge.candidate?.early === true ? null : (merge.candidate?.oid ?? null),
    checks: merge.checks,
  };
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
