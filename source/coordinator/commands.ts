import { continuesByItself, type Instance, isAlive } from '../domain/instance.ts';
import { describeState } from '../domain/state-labels.ts';
import { countOf } from '../domain/text/count.ts';
import type { Command, CommandAnswer } from '../ports/commands.ts';
import { memberCommand } from './fleet/members.ts';
import { setGroup } from './groups.ts';
import { approve, approveAll, reject } from './landing/approvals.ts';
import { exportBranch } from './landing/export.ts';
import { hold, jump, requeue } from './landing/queue-order.ts';
import { resumeQueue } from './landing/queue-stop.ts';
import { requestReplay, requestUpdate } from './landing/replay.ts';
import { lastLanding, undo } from './landing/undo.ts';
import { requestComments, requestPullRequest } from './remote/pull-requests.ts';
import { retarget } from './retarget.ts';
import { markViewed, removeComment, writeComment } from './review/notes.ts';
import { stopReadings } from './review/readings.ts';
import { isUnderReview } from './review/under-review.ts';
import { editItem, removeItem, unstartedItem } from './runs/ad-hoc.ts';
import { dismiss } from './runs/dismiss.ts';
import { cancel } from './runs/lifecycle.ts';
import { withdrawRejection } from './runs/rejection.ts';
import { cleanUp, discard, restore } from './runs/removal.ts';
import { repair, resumeWith } from './runs/resume.ts';
import { acceptSettings } from './runs/settings-change.ts';
import { findInstance, findItem, unknownRun } from './runs/spawning.ts';
import { setScopes } from './scopes.ts';
import { leaveStack } from './stack/follow.ts';
import { stackReason } from './stack/words.ts';
import { commitWhatItLeft } from './starting/commit-left.ts';
import { ambiguousRival, startRace } from './starting/race.ts';
import { retryRun, runAdHoc, spawn } from './starting/spawn.ts';
import { done, refused } from './state/answers.ts';
import { leftoverWords } from './state/sentences.ts';
import { answerAsk, interrupt, sayTo } from './talking/conversation.ts';
import type { Transition } from './transition.ts';

/** Carries out what a person or script asked for, or says in one sentence why not. */
export function command(transition: Transition, wanted: Command): CommandAnswer {
  switch (wanted.type) {
    case 'spawn': {
      const found = findItem(transition.state, wanted.id);
      return 'problem' in found ? refused(found.problem) : spawn(transition, found.item, wanted, wanted.agent);
    }
    case 'race': {
      const found = findItem(transition.state, wanted.id);
      return 'problem' in found ? refused(found.problem) : startRace(transition, found.item, wanted.agents, wanted);
    }
    case 'run':
      return runAdHoc(transition, wanted);
    case 'edit-item':
      return editItem(transition, wanted);
    case 'remove-item':
      return removeItem(transition, wanted.id);
    case 'retry':
      return onInstance(transition, wanted.id, instance =>
        wanted.inPlace === true ? repair(transition, instance, wanted) : retryRun(transition, instance, wanted),
      );
    case 'resume':
      return onInstance(transition, wanted.id, instance => resumeWith(transition, instance, wanted));
    case 'comment':
      return onInstance(transition, wanted.id, instance => writeComment(transition, instance, wanted));
    case 'uncomment':
      return onInstance(transition, wanted.id, instance => removeComment(transition, instance, wanted.commentId));
    case 'mark-viewed':
      return onInstance(transition, wanted.id, instance => markViewed(transition, instance, wanted));
    case 'cancel':
      return cancelItem(transition, wanted.id);
    case 'stop-all':
      return stopAll(transition);
    case 'approve':
      return onRival(transition, wanted.id, isUnderReview, instance => approve(transition, instance, wanted));
    case 'approve-all':
      return approveAll(transition);
    case 'reject':
      return onRival(transition, wanted.id, isUnderReview, instance => reject(transition, instance, wanted.reason));
    case 'clean':
      return cleanUp(transition, wanted.ids, wanted.confirmedLoss);
    case 'discard':
      return discard(transition, wanted.ids);
    case 'restore':
      return onInstance(transition, wanted.id, instance => restore(transition, instance));
    case 'answer':
      return onInstance(transition, wanted.id, instance => answerAsk(transition, instance, wanted));
    case 'say':
      return onInstance(transition, wanted.id, instance => sayTo(transition, instance, wanted));
    case 'interrupt':
      return onInstance(transition, wanted.id, instance => interrupt(transition, instance));
    case 'set-mode':
      if (transition.state.mode !== wanted.mode) transition.record({ type: 'loop-changed', mode: wanted.mode });
      return done(wanted.mode === 'auto' ? 'The work loop is on.' : 'The work loop is off.');
    case 'pause':
      if (transition.state.paused !== wanted.paused)
        transition.record({ type: 'spawns-paused', paused: wanted.paused });
      return done(wanted.paused ? 'New spawns paused.' : 'New spawns resumed.');
    case 'resume-queue':
      return resumeQueue(transition, wanted.reason);
    case 'accept-settings':
      return acceptSettings(transition, wanted.sealed);
    case 'undo':
      return wanted.id === undefined
        ? undo(transition, lastLanding(transition.state))
        : onInstance(transition, wanted.id, instance => undo(transition, instance));
    case 'commit-left':
      return onInstance(transition, wanted.id, instance => commitWhatItLeft(transition, instance));
    case 'replay':
      return onInstance(transition, wanted.id, instance =>
        stackReason(transition.state, instance) === null
          ? requestReplay(transition, instance)
          : leaveStack(transition, instance),
      );
    case 'open-pr':
      return onInstance(transition, wanted.id, instance => requestPullRequest(transition, instance));
    case 'send-comments':
      return onInstance(transition, wanted.id, instance => requestComments(transition, instance));
    case 'update':
      return onInstance(transition, wanted.id, instance => requestUpdate(transition, instance));
    case 'retarget':
      return retarget(transition, wanted);
    case 'export':
      return onInstance(transition, wanted.id, instance => exportBranch(transition, instance, wanted.branchName));
    case 'jump':
      return onInstance(transition, wanted.id, instance => jump(transition, instance));
    case 'hold':
      return onInstance(transition, wanted.id, instance =>
        instance.state === 'rejected' && !wanted.held
          ? withdrawRejection(transition, instance)
          : hold(transition, instance, wanted.held),
      );
    case 'requeue':
      return onInstance(transition, wanted.id, instance => {
        if (instance.state !== 'rejected') return requeue(transition, instance, wanted.class);
        const answer = approve(transition, instance, { type: 'approve', id: wanted.id });
        const now = transition.instance(instance.runId);
        return answer.ok && now !== undefined && wanted.class !== undefined
          ? requeue(transition, now, wanted.class)
          : answer;
      });
    case 'dismiss':
      return onInstance(transition, wanted.id, instance => dismiss(transition, instance, wanted.dismissed));
    case 'pin': {
      const found = findItem(transition.state, wanted.id);
      if ('problem' in found) return refused(found.problem);
      transition.record({ type: 'item-pinned', priorityId: found.item.id, pinned: wanted.pinned });
      return done(wanted.pinned ? `${found.item.key} is pinned.` : `${found.item.key} is no longer pinned.`);
    }
    case 'set-group':
      return setGroup(transition, wanted.group);
    case 'set-scopes':
      return setScopes(transition, wanted.scopes);
    case 'accept-worker':
    case 'drain-worker':
    case 'forget-worker':
      return memberCommand(transition, wanted);
    case 'refresh':
      transition.emit({ type: 'sources.read' });
      transition.emit({ type: 'target.read' });
      return done('Rereading the ROADMAP and the target.');
  }
}

/** Ends what is at work for it: its agent, one that reads its work, or what it left; an ad-hoc item that has not started is removed. */
function cancelItem(transition: Transition, id: string): CommandAnswer {
  if (unstartedItem(transition.state, id) !== null) return removeItem(transition, id);
  return onRival(
    transition,
    id,
    ({ state }) => isAlive(state),
    instance => {
      if (continuesByItself(instance.state)) return giveUp(transition, instance);
      if (!isAlive(instance.state)) return stopReadings(transition, instance) ?? endLeftovers(transition, instance);
      cancel(transition, instance, 'cancelled by the user');
      return done(`Cancelling ${instance.key}. Its work so far stays on ${instance.branchName}.`, [instance.runId]);
    },
  );
}

function stopAll(transition: Transition): CommandAnswer {
  const alive = transition.state.instances.filter(instance => isAlive(instance.state));
  for (const instance of alive) cancel(transition, instance, 'stopped when cm-tui quit');
  for (const instance of transition.state.instances) stopReadings(transition, instance);
  return done(
    `Stopping ${countOf(alive.length, 'run')}.`,
    alive.map(instance => instance.runId),
  );
}

/** It waits to continue by itself, and now it does not. */
function giveUp(
  transition: Transition,
  { runId, priorityId, key, head, commits, files, branchName }: Instance,
): CommandAnswer {
  const work = { head, commits, files, violations: [] };
  transition.record({
    type: 'instance-judged',
    runId,
    priorityId,
    state: 'cancelled',
    reason: 'cancelled by the user',
    ...work,
  });
  return done(`${key} no longer continues by itself. Its work so far stays on ${branchName}.`, [runId]);
}

/** A run that has ended may have left processes behind, which a notice has reported. */
function endLeftovers(transition: Transition, { runId, key, state }: Instance): CommandAnswer {
  const { notices } = transition.state;
  const isReported = notices.some(
    notice => notice.runId === runId && notice.text.startsWith(`${key} ${leftoverWords}`),
  );
  if (!isReported) return refused(`${key} is not running: it ${describeState(state, null)}.`);
  if (!transition.busy('process.kill', runId)) transition.start({ type: 'process.kill', runId });
  return done(`${key} has already ended. Stopping the processes it left behind.`);
}

function onInstance(transition: Transition, id: string, act: (instance: Instance) => CommandAnswer): CommandAnswer {
  const instance = findInstance(transition.state, id);
  return instance === undefined ? refused(unknownRun(transition.state, id)) : act(instance);
}

/** The same where one of several runs side by side has to be meant. */
function onRival(
  transition: Transition,
  id: string,
  counts: (instance: Instance) => boolean,
  act: (instance: Instance) => CommandAnswer,
): CommandAnswer {
  const problem = ambiguousRival(transition.state, id, counts);
  return problem === null ? onInstance(transition, id, act) : refused(problem);
}
