import { emptyMergeEntry, hasLanded, type Instance, type MergeEntry, type RunId } from '../domain/instance.ts';
import { sanitizeLine } from '../domain/sanitize.ts';
import { noUsage, usageWithEarlier } from '../domain/usage.ts';
import { checked, withoutStaleCheck } from './checking.ts';
import type { CoordinatorEvent, EventOf } from './events.ts';
import { cameBack, enters, keptOf, placed } from './fold-queue.ts';
import { conflictSentence, describeViolations } from './sentences.ts';
import type { DurableState, Notice } from './state.ts';

const noticeLimit = 200;

export const initialDurableState: DurableState = {
  startedAt: 0,
  mode: 'manual',
  paused: false,
  queuePaused: null,
  target: null,
  instances: [],
  adHoc: [],
  pins: [],
  pendingStatus: [],
  cleaning: [],
  cooldowns: {},
  notices: [],
};

/** The part of a state that a snapshot keeps. */
export function durablePart(state: DurableState): DurableState {
  const { startedAt, mode, paused, queuePaused, target, instances } = state;
  const { adHoc, pins, pendingStatus, cleaning, cooldowns, notices } = state;
  const queue = { pendingStatus, cleaning, cooldowns, notices };
  return { startedAt, mode, paused, queuePaused, target, instances, adHoc, pins, ...queue };
}

/** One fact applied to the durable state. Total: a fact about an unknown run changes nothing. */
export function fold(state: DurableState, event: CoordinatorEvent): DurableState {
  switch (event.type) {
    case 'coordinator-started':
      return { ...state, mode: event.mode, target: event.target, startedAt: event.at };
    case 'coordinator-stopped':
      return state;
    case 'loop-changed':
      return { ...state, mode: event.mode };
    case 'spawns-paused':
      return { ...state, paused: event.paused };
    case 'queue-paused':
      return { ...state, queuePaused: event.paused ? (event.reason ?? 'paused by the user') : null };
    case 'item-added':
      return { ...state, adHoc: [...state.adHoc.filter(item => item.id !== event.item.id), event.item] };
    case 'item-pinned':
      return {
        ...state,
        pins: [...state.pins.filter(id => id !== event.priorityId), ...(event.pinned ? [event.priorityId] : [])],
      };
    case 'instance-requested':
      // A snapshot may know it already.
      if (state.instances.some(instance => instance.runId === event.runId)) return state;
      return { ...state, instances: [...state.instances, requestedInstance(event)] };
    case 'notice-raised':
      return withNotice(state, { at: event.at, level: event.level, text: event.text, runId: event.runId });
    case 'status-written':
      return { ...state, pendingStatus: without(state.pendingStatus, event.runId) };
    case 'cleanup-started':
      return { ...state, cleaning: [...without(state.cleaning, event.runId), event.runId] };
    case 'cleanup-stopped':
      return withNotice(
        { ...state, cleaning: without(state.cleaning, event.runId) },
        notice(state, event, 'warning', `kept: ${event.reasons.join('; ')}`),
      );
    case 'instance-cleaned':
      return changeInstance({ ...state, cleaning: without(state.cleaning, event.runId) }, event.runId, instance => ({
        ...instance,
        state: 'cleaned',
      }));
    case 'cooldown-started': {
      const next = { ...state, cooldowns: { ...state.cooldowns, [event.agent]: event.until } };
      const end = new Date(event.until).toISOString();
      const text = `${event.agent} reported a rate limit; nothing new is started with it until ${end}`;
      return withNotice(applyToInstance(next, event), notice(state, event, 'warning', text));
    }
    case 'landed': {
      const next = event.statusWritten
        ? state
        : { ...state, pendingStatus: [...without(state.pendingStatus, event.runId), event.runId] };
      return withNotice(applyToInstance(next, event), notice(state, event, 'info', 'landed'));
    }
    case 'instance-failed':
      return withNotice(applyToInstance(state, event), notice(state, event, 'error', event.reason));
    case 'landing-stopped': {
      const rest = {
        pendingStatus: without(state.pendingStatus, event.runId),
        cleaning: without(state.cleaning, event.runId),
      };
      const next = applyToInstance({ ...state, ...rest }, event);
      return event.state === 'queued'
        ? next
        : withNotice(next, notice(state, event, 'warning', `${event.state}: ${event.reason}`));
    }
    case 'instance-judged':
      return withNotice(
        applyToInstance(state, event),
        notice(
          state,
          event,
          event.state === 'awaiting-approval' ? 'info' : 'warning',
          event.reason === null ? event.state : `${event.state}: ${event.reason}`,
        ),
      );
    case 'instance-renamed':
    case 'worktree-created':
    case 'instance-started':
    case 'instance-adopted':
    case 'session-known':
    case 'instance-resumed':
    case 'result-reported':
    case 'usage-reported':
    case 'end-requested':
    case 'cancel-requested':
    case 'instance-exited':
    case 'merge-predicted':
    case 'merge-approved':
    case 'merge-rejected':
    case 'approval-voided':
    case 'queue-jumped':
    case 'queue-held':
    case 'queue-requeued':
    case 'candidate-prepared':
    case 'checks-started':
    case 'check-running':
    case 'checks-finished':
    case 'landing-started':
      return applyToInstance(state, event);
  }
}

type InstanceEvent = Extract<CoordinatorEvent, { readonly runId: RunId }>;

function applyToInstance(state: DurableState, event: InstanceEvent): DurableState {
  return changeInstance(state, event.runId, instance => withoutStaleCheck(instance, instanceAfter(instance, event)));
}

function instanceAfter(instance: Instance, event: InstanceEvent): Instance {
  switch (event.type) {
    case 'instance-renamed': {
      const { slug, attempt, branchName, worktreePath } = event;
      return { ...instance, slug, attempt, branchName, worktreePath };
    }
    case 'worktree-created':
      return { ...instance, base: event.base };
    case 'instance-started':
      return {
        ...instance,
        state: instance.state === 'stopping' ? 'stopping' : 'running',
        process: event.process,
        startTime: event.at,
        ...(event.up === undefined ? {} : { startedUp: event.up }),
        reason: null,
      };
    case 'instance-adopted':
      return {
        ...instance,
        state: instance.state === 'stopping' ? 'stopping' : 'running',
        process: event.process,
        startTime: instance.startTime ?? event.at,
      };
    case 'session-known':
      return { ...instance, sessionId: event.sessionId };
    case 'instance-resumed':
      return resumed(instance, event);
    case 'result-reported':
      return { ...instance, result: { ok: event.ok, message: event.message, up: event.up } };
    case 'usage-reported': {
      const { inputTokens, outputTokens, costUsd } = event;
      return { ...instance, usage: usageWithEarlier(instance, { inputTokens, outputTokens, costUsd }) };
    }
    case 'end-requested': {
      const { cause, reason } = event;
      return { ...instance, state: 'stopping', reason, ending: { cause, reason } };
    }
    case 'cooldown-started':
      return { ...instance, limited: true };
    case 'cancel-requested':
      return { ...instance, state: 'stopping', reason: event.reason };
    case 'instance-exited':
      return {
        ...instance,
        state: instance.state === 'stopping' ? 'stopping' : 'completed',
        exitCode: event.exitCode,
        endTime: event.endTime,
        lost: event.lost,
        reason: instance.state === 'stopping' ? instance.reason : null,
      };
    case 'instance-judged':
      return {
        ...instance,
        state: event.state,
        reason: event.reason,
        head: event.head,
        commits: event.commits,
        files: event.files,
        endTime: instance.endTime ?? event.at,
        // What was approved, or merged on paper, was another state of the branch.
        merge: { ...emptyMergeEntry, violations: event.violations, ...keptOf(instance.merge) },
      };
    case 'instance-failed':
      return { ...instance, state: 'failed', reason: event.reason, endTime: instance.endTime ?? event.at };
    case 'merge-predicted':
      return predicted(instance, event);
    case 'merge-approved':
      return withMerge(
        { ...instance, state: 'queued', reason: null },
        {
          approvedHead: event.head,
          approvedAt: event.at,
          accepted: event.accepted,
          conflicts: [],
          place: enters(instance, event.at),
        },
      );
    case 'merge-rejected':
      return withMerge({ ...instance, state: 'rejected', reason: event.reason }, { approvedHead: null });
    case 'approval-voided':
      return withMerge(
        { ...instance, state: 'completed', reason: event.reason },
        { approvedHead: null, candidate: null },
      );
    case 'queue-jumped':
    case 'queue-held':
    case 'queue-requeued':
      return placed(instance, event);
    case 'candidate-prepared':
      return withMerge(instance, { candidate: event.candidate });
    case 'checks-started':
    case 'check-running':
    case 'checks-finished':
      return checked(instance, event);
    case 'landing-started':
      return { ...instance, state: 'landing', reason: null };
    case 'landed':
      return withMerge(
        { ...instance, state: 'merged', reason: null },
        {
          landed: event.candidate,
          landedAt: event.at,
          conflicts: [],
        },
      );
    case 'landing-stopped':
      return stopped(instance, event);
    case 'instance-requested':
    case 'cleanup-started':
    case 'cleanup-stopped':
    case 'instance-cleaned':
    case 'status-written':
      return instance;
  }
}

/**
 * Why a branch does not land now. What only waits for the user's tree keeps approval and candidate; a candidate whose target has moved
 * is no good any more; a landing that was undone needs a new approval.
 */
function stopped(instance: Instance, event: EventOf<'landing-stopped'>): Instance {
  const { candidate, approvedHead } = instance.merge;
  const undone = hasLanded(instance.state);
  const approved = !undone && (event.state === 'queued' || event.state === 'blocked');
  const stale = event.state === 'queued' && instance.state !== 'blocked' && instance.state !== 'queued';
  const failed = event.state === 'conflict' || event.state === 'checks-failed';
  return withMerge(
    { ...instance, state: event.state, reason: event.reason },
    {
      conflicts: event.paths,
      candidate: approved && !stale ? candidate : null,
      approvedHead: approved ? approvedHead : null,
      ...(event.state === 'conflict' ? { prediction: 'conflict' } : {}),
      ...(event.state === 'no-work' ? { prediction: 'empty' } : {}),
      ...(failed ? { place: cameBack(instance) } : {}),
      ...(undone ? { landed: null, landedAt: null, prediction: 'unknown' } : {}),
    },
  );
}

/** A new part of the same run: how the last one ended is no longer true of it. */
function resumed(instance: Instance, event: EventOf<'instance-resumed'>): Instance {
  const { result: _result, ending: _ending, limited: _limited, startedUp: _startedUp, ...rest } = instance;
  return {
    ...rest,
    state: 'preparing',
    reason: null,
    process: null,
    endTime: null,
    exitCode: null,
    lost: null,
    merge: emptyMergeEntry,
    continued: { at: event.at, message: event.message, usage: instance.usage ?? noUsage },
  };
}

/** A prediction may move a waiting branch into `conflict` and back out of it; it never touches one that is being landed. */
function predicted(instance: Instance, event: EventOf<'merge-predicted'>): Instance {
  const known = withMerge(instance, { prediction: event.prediction });
  const { state } = instance;
  if (
    event.prediction === 'conflict' &&
    (state === 'awaiting-approval' || state === 'blocked' || state === 'conflict')
  ) {
    return withMerge(
      { ...known, state: 'conflict', reason: conflictSentence(instance.target, event.paths) },
      { conflicts: event.paths, approvedHead: null, candidate: null },
    );
  }
  if (event.prediction === 'clean' && state === 'conflict') {
    const { violations } = instance.merge;
    return violations.length > 0
      ? withMerge({ ...known, state: 'blocked', reason: describeViolations(violations) }, { conflicts: [] })
      : withMerge({ ...known, state: 'awaiting-approval', reason: null }, { conflicts: [] });
  }
  return known;
}

function requestedInstance(event: EventOf<'instance-requested'>): Instance {
  const {
    runId,
    priorityId,
    key,
    title,
    slug,
    attempt,
    agent,
    agentType,
    scope,
    branchName,
    worktreePath,
    target,
    at,
  } = event;
  return {
    runId,
    priorityId,
    key,
    title,
    slug,
    attempt,
    agent,
    agentType,
    scope,
    branchName,
    worktreePath,
    target,
    base: null,
    state: 'preparing',
    reason: null,
    process: null,
    requestedAt: at,
    startTime: null,
    endTime: null,
    exitCode: null,
    lost: null,
    head: null,
    commits: 0,
    files: [],
    sessionId: null,
    merge: emptyMergeEntry,
  };
}

function withMerge(instance: Instance, change: Partial<MergeEntry>): Instance {
  return { ...instance, merge: { ...instance.merge, ...change } };
}

function changeInstance(state: DurableState, runId: RunId, change: (instance: Instance) => Instance): DurableState {
  if (!state.instances.some(instance => instance.runId === runId)) return state;
  return {
    ...state,
    instances: state.instances.map(instance => (instance.runId === runId ? change(instance) : instance)),
  };
}

function without<T>(list: readonly T[], value: T): readonly T[] {
  return list.includes(value) ? list.filter(other => other !== value) : list;
}

/** What was the last thing said of a run is not said again. */
function withNotice(state: DurableState, added: Notice): DurableState {
  const last = state.notices.findLast(other => other.runId === added.runId);
  if (last?.text === added.text && added.runId !== null) return state;
  return { ...state, notices: [...state.notices, added].slice(-noticeLimit) };
}

function notice(
  state: DurableState,
  event: { readonly at: number; readonly runId: RunId },
  level: Notice['level'],
  text: string,
): Notice {
  const key = state.instances.find(instance => instance.runId === event.runId)?.key;
  return { at: event.at, level, text: sanitizeLine(key === undefined ? text : `${key} ${text}`), runId: event.runId };
}
