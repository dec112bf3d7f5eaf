import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { emptyMergeEntry } from '../../domain/queue/merge-entry.ts';
import { noReview } from '../../domain/review/review.ts';
import { usageWithEarlier } from '../../domain/usage.ts';
import type { CoordinatorEvent, EventOf } from '../../ports/events.ts';
import { foldRemote, inContact } from '../fleet/fold-fleet.ts';
import { inBatch } from '../landing/batch/fold-batch.ts';
import { foldReading, withRound } from '../review/fold-reading.ts';
import { astrayReason, conflictSentence, describeViolations, describeWarnings } from '../state/sentences.ts';
import { checked } from './fold-checks.ts';
import { foldConversation, withoutOpenAsks, withRefused } from './fold-conversation.ts';
import { foldLanded, landingStopped } from './fold-landed.ts';
import { foldPullRequest } from './fold-pull-request.ts';
import { enters, keptOf, placed, withMerge } from './fold-queue.ts';
import { foldRemoval } from './fold-removal.ts';
import { foldReplay } from './fold-replay.ts';
import { withDismissal } from './fold-request.ts';
import { resumed, sessionKnown } from './fold-resume.ts';
import { retargeted } from './fold-retarget.ts';
import { foldReview } from './fold-review.ts';
import { foldUndo } from './fold-undo.ts';

/** A fact about a run. */
export type InstanceEvent = Extract<CoordinatorEvent, { readonly runId: RunId }>;

/** A run after a fact about it. */
export function instanceAfter(instance: Instance, event: InstanceEvent): Instance {
  switch (event.type) {
    case 'instance-renamed': {
      const { slug, attempt, branchName, worktreePath } = event;
      return { ...instance, slug, attempt, branchName, worktreePath };
    }
    case 'worktree-created':
      return { ...instance, base: event.base };
    case 'setup-changed':
      return { ...instance, setupFiles: event.files };
    case 'instance-started':
      return started(instance, event);
    case 'run-dispatched':
    case 'instance-placed':
    case 'run-refused':
    case 'contact-lost':
    case 'contact-back':
    case 'run-came-home':
    case 'late-result':
      return foldRemote(instance, event);
    case 'instance-adopted':
      return {
        ...instance,
        state: instance.state === 'stopping' ? 'stopping' : 'running',
        process: event.process,
        startTime: instance.startTime ?? event.at,
      };
    case 'session-known':
      return sessionKnown(instance, event.sessionId);
    case 'instance-resumed':
      return resumed(event.round === true ? withRound(instance) : instance, event);
    case 'result-reported':
      return { ...instance, result: resultOf(event) };
    case 'permission-asked':
    case 'permission-answered':
    case 'message-sent':
    case 'turn-interrupted':
      return foldConversation(instance, event);
    case 'command-refused':
      return { ...instance, refused: withRefused(instance.refused, event.words) };
    case 'usage-reported':
      return { ...instance, usage: usageWithEarlier(instance, event) };
    case 'end-requested':
      return { ...instance, state: 'stopping', reason: event.reason, ending: endingOf(event) };
    case 'cooldown-started':
      return event.beside === true ? instance : { ...instance, limited: true };
    case 'cancel-requested':
      return {
        ...instance,
        state: 'stopping',
        reason: event.reason,
        ...(event.reason === astrayReason ? { astray: true as const } : {}),
      };
    case 'instance-exited':
      return exited(instance, event);
    case 'instance-judged':
      return judged(instance, event);
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
          // What failed is tried again; what passed need not be, as long as the candidate is the same.
          checks: instance.merge.checks?.outcome === 'passed' ? instance.merge.checks : null,
          place: enters(instance, event.at),
        },
      );
    case 'merge-rejected':
      return withMerge(
        {
          ...instance,
          state: 'rejected',
          reason: event.reason,
          rejectedFrom: { state: instance.state, reason: instance.reason },
        },
        { approvedHead: null },
      );
    case 'rejection-withdrawn':
      return withMerge(
        { ...instance, state: 'completed', reason: null },
        instance.rejectedFrom?.state === 'completed' ? {} : { judgedBefore: true },
      );
    case 'approval-voided':
      return withMerge(
        { ...instance, state: 'completed', reason: event.reason },
        { approvedHead: null, candidate: null },
      );
    case 'retargeted':
      return retargeted(instance, event);
    case 'outside-changed':
      return {
        ...instance,
        ...(event.places.length === 0 ? {} : { outside: event.places }),
        ...(event.violations === undefined ? {} : { heldFor: event.violations }),
      };
    case 'undo-started':
    case 'undo-stopped':
    case 'landing-undone':
    case 'branch-exported':
      return foldUndo(instance, event);
    case 'run-removed':
    case 'run-restored':
      return foldRemoval(instance, event);
    case 'pr-opened':
    case 'pr-failed':
    case 'pr-changed':
      return foldPullRequest(instance, event);
    case 'branch-pushed':
      if (event.reason !== null || event.branch !== instance.branchName) return instance;
      return { ...instance, pushed: { commit: event.commit } };
    case 'replay-started':
    case 'branch-replayed':
    case 'replay-stopped':
      return foldReplay(instance, event);
    case 'comment-written':
    case 'comment-removed':
    case 'comments-sent':
    case 'file-viewed':
      return { ...instance, review: foldReview(instance.review ?? noReview, event) };
    case 'reading-started':
    case 'reading-running':
    case 'reading-finished':
      return foldReading(instance, event);
    case 'queue-jumped':
    case 'queue-held':
    case 'queue-requeued':
      return placed(instance, event);
    case 'candidate-prepared':
    case 'speculation-dropped':
      return withMerge(instance, { candidate: event.type === 'candidate-prepared' ? event.candidate : null });
    case 'checks-started':
    case 'check-running':
    case 'checks-finished':
      return checked(instance, event);
    case 'landing-started':
    case 'batch-failed':
      return inBatch(instance, event);
    case 'landed':
      return foldLanded(instance, event);
    case 'landing-stopped':
      return landingStopped(instance, event);
    case 'instance-dismissed':
      return withDismissal(instance, event.dismissed);
    case 'instance-requested':
    case 'cleanup-started':
    case 'cleanup-stopped':
    case 'instance-cleaned':
    case 'status-written':
      return instance;
  }
}

/** A process on another machine is never taken as one of this machine. */
function started(instance: Instance, { process, at, up, host }: EventOf<'instance-started'>): Instance {
  const { remote } = instance;
  const isThere = host !== undefined && remote !== undefined;
  return {
    ...instance,
    ...(isThere ? { remote: { ...remote, process } } : { process }),
    state: instance.state === 'stopping' ? 'stopping' : 'running',
    startTime: at,
    ...(up === undefined ? {} : { startedUp: up }),
    reason: instance.state === 'stopping' ? instance.reason : null,
  };
}

/** What git found on a run's branch; what was approved, or merged in a trial, was another state of it. */
function judged(instance: Instance, event: EventOf<'instance-judged'>): Instance {
  const {
    treeGone: _tree,
    returning: _returning,
    sameAsTarget: _same,
    waits: _waits,
    replaying,
    replayStopped,
    ...known
  } = instance;
  const { state, reason, head, commits, files, violations, warnings, treeGone, base, returning, sameAsTarget } = event;
  return {
    ...known,
    state,
    reason,
    head,
    commits,
    files,
    endTime: instance.endTime ?? event.at,
    merge: {
      ...emptyMergeEntry,
      violations,
      ...(warnings === undefined ? {} : { warnings }),
      ...keptOf(instance.merge),
    },
    ...(treeGone === undefined ? {} : { treeGone }),
    ...(base === undefined ? {} : { base }),
    ...(returning === undefined ? {} : { returning }),
    ...(replaying === undefined || replaying.answered === true ? {} : { replaying }),
    ...(replayStopped?.head === head ? { replayStopped } : {}),
    ...(sameAsTarget === undefined ? {} : { sameAsTarget }),
    ...(event.waits === undefined ? {} : { waits: event.waits }),
  };
}

const endingOf = ({ cause, reason }: EventOf<'end-requested'>) => ({ cause, reason });
function resultOf({ ok, message, asks, up }: EventOf<'result-reported'>): NonNullable<Instance['result']> {
  return { ok, message, up, ...(asks === true ? { asks } : {}) };
}

/** A prediction may move a waiting branch into `conflict` and back out of it; it never touches one that is being landed. */
function predicted(instance: Instance, event: EventOf<'merge-predicted'>): Instance {
  const known = withMerge(instance, {
    prediction: event.prediction,
    ...(event.prediction === 'unknown' ? { tried: true as const } : {}),
  });
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
    const { violations, warnings = [] } = instance.merge;
    return violations.length > 0
      ? withMerge({ ...known, state: 'blocked', reason: describeViolations(violations) }, { conflicts: [] })
      : withMerge({ ...known, state: 'awaiting-approval', reason: describeWarnings(warnings) }, { conflicts: [] });
  }
  return known;
}

function exited(instance: Instance, { exitCode, endTime, lost, there }: EventOf<'instance-exited'>): Instance {
  const { remote } = instance;
  const isStopping = instance.state === 'stopping';
  return {
    ...withoutOpenAsks(instance),
    state: isStopping ? 'stopping' : 'completed',
    exitCode,
    endTime,
    lost,
    ...(remote === undefined || there === undefined ? {} : { remote: { ...inContact(remote), ended: there } }),
    reason: isStopping ? instance.reason : null,
  };
}
