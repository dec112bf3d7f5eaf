import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import { landingUndone, recordLanding } from '../landing/landing.ts';
import { predictWaiting } from '../landing/prediction.ts';
import { pauseQueue, stop } from '../landing/queue-stop.ts';
import { resumeReplay } from '../landing/replay.ts';
import { requeueBlocked, targetIsAt } from '../landing/target.ts';
import { resumeUndo } from '../landing/undo.ts';
import * as lifecycle from '../runs/lifecycle.ts';
import type { Observation } from '../state/messages.ts';
import type { Transition } from '../transition.ts';
import type { ReconcileAction } from './actions.ts';
import { reconcile } from './reconcile.ts';

/** Compares what was seen with what is known, and does what is missing. */
export function observed(transition: Transition, observation: Observation): void {
  const first = !transition.state.reconciled;
  const { asOf, git } = observation;
  const unchanged = asOf === undefined || asOf.targetTip === transition.state.targetTip;
  if (first) transition.change({ targetTip: git.targetTip });
  else if (git.targetTip !== null && unchanged) targetIsAt(transition, git.targetTip);
  const { gitSilent = 0 } = transition.state;
  const answered = git.branches !== null && git.worktrees !== null;
  if (!answered || gitSilent > 0) transition.change({ gitSilent: answered ? 0 : gitSilent + 1 });
  transition.change({ reconciled: true });
  for (const action of reconcile(transition.state, observation)) carryOut(transition, action);
  lookAgain(transition, first);
}

/** What a person may have fixed without moving a branch is tried again at every observation. */
function lookAgain(transition: Transition, first: boolean): void {
  transition.change({ statusTried: [] });
  requeueBlocked(transition);
  predictWaiting(transition, first);
  for (const { runId, state, replaying } of transition.state.instances)
    if (state === 'needs-attention' && (replaying === undefined || replaying.answered === true))
      lifecycle.judge(transition, runId);
}

function carryOut(transition: Transition, action: ReconcileAction): void {
  if (action.type === 'pause-queue') return pauseQueue(transition, action.reason);
  if (action.type === 'tell') return transition.notice('warning', action.text, action.runId);
  const instance = transition.instance(action.runId);
  if (instance === undefined) return;
  const { runId, priorityId } = instance;
  switch (action.type) {
    case 'adopt':
      transition.record({ type: 'instance-adopted', runId, priorityId, process: action.process });
      return watch(transition, runId, action.process);
    case 'end':
      return lifecycle.processEnded(transition, runId, action.status);
    case 'resume-preparing':
      return lifecycle.resumePreparing(transition, instance);
    case 'kill-again':
      if (instance.process !== null) watch(transition, runId, instance.process);
      transition.start({ type: 'process.kill', runId });
      return;
    case 'end-leftovers':
      transition.notice('warning', action.text, runId);
      transition.start({ type: 'process.kill', runId });
      return;
    case 'stop-astray':
      return lifecycle.cancel(transition, instance, action.reason);
    case 'judge':
      return lifecycle.judge(transition, runId);
    case 'void-approval':
      transition.record({ type: 'approval-voided', runId, priorityId, reason: action.reason });
      return lifecycle.judge(transition, runId);
    case 'landed':
      return recordLanding(transition, instance, action.commit, action.found);
    case 'rebuild':
      return stop(transition, instance, 'queued', action.reason);
    case 'unlanded':
      return landingUndone(transition, instance);
    case 'resume-undo':
      return resumeUndo(transition, instance);
    case 'resume-replay':
      return resumeReplay(transition, instance);
    case 'resume-cleanup':
      transition.start({ type: 'git.clean', runId, confirmedLoss: [] });
      return;
  }
}

/** From now on the end of that process is reported, whoever started it. */
function watch(transition: Transition, runId: RunId, process: ProcessIdentity): void {
  transition.change({ watched: [...transition.state.watched.filter(id => id !== runId), runId] });
  transition.emit({ type: 'process.watch', runId, process });
}
