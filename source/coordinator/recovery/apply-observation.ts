import type { ProcessIdentity, RunId } from '../../domain/instance.ts';
import { landingUndone, recordLanding } from '../landing/landing.ts';
import { predictWaiting } from '../landing/prediction.ts';
import { pauseQueue, stop } from '../landing/queue-stop.ts';
import { requeueBlocked, targetIsAt } from '../landing/target.ts';
import { resumeUndo } from '../landing/undo.ts';
import * as lifecycle from '../runs/lifecycle.ts';
import type { Observation } from '../state/messages.ts';
import type { Turn } from '../transition.ts';
import { type Action, reconcile } from './reconcile.ts';

/** Compares what was seen with what is known, and does what is missing. */
export function observed(turn: Turn, observation: Observation): void {
  const first = !turn.state.reconciled;
  const { asOf, git } = observation;
  const unchanged = asOf === undefined || asOf.targetTip === turn.state.targetTip;
  if (first) turn.change({ targetTip: git.targetTip });
  else if (git.targetTip !== null && unchanged) targetIsAt(turn, git.targetTip);
  turn.change({ reconciled: true });
  for (const action of reconcile(turn.state, observation)) carryOut(turn, action);
  lookAgain(turn, first);
}

/** What a person may have mended without moving a branch is tried again with every look. */
function lookAgain(turn: Turn, first: boolean): void {
  turn.change({ statusTried: [] });
  requeueBlocked(turn);
  predictWaiting(turn, first);
  for (const { runId, state } of turn.state.instances) if (state === 'needs-attention') lifecycle.judge(turn, runId);
}

function carryOut(turn: Turn, action: Action): void {
  if (action.type === 'pause-queue') return pauseQueue(turn, action.reason);
  if (action.type === 'tell') return turn.notice('warning', action.text, action.runId);
  const instance = turn.instance(action.runId);
  if (instance === undefined) return;
  const { runId, priorityId } = instance;
  switch (action.type) {
    case 'adopt':
      turn.record({ type: 'instance-adopted', runId, priorityId, process: action.process });
      return watch(turn, runId, action.process);
    case 'end':
      return lifecycle.processEnded(turn, runId, action.status);
    case 'resume-preparing':
      return lifecycle.resumePreparing(turn, instance);
    case 'kill-again':
      if (instance.process !== null) watch(turn, runId, instance.process);
      turn.start({ type: 'process.kill', runId });
      return;
    case 'end-leftovers':
      turn.notice('warning', action.text, runId);
      turn.start({ type: 'process.kill', runId });
      return;
    case 'stop-astray':
      return lifecycle.cancel(turn, instance, action.reason);
    case 'judge':
      return lifecycle.judge(turn, runId);
    case 'void-approval':
      turn.record({ type: 'approval-voided', runId, priorityId, reason: action.reason });
      return lifecycle.judge(turn, runId);
    case 'landed':
      return recordLanding(turn, instance, action.commit);
    case 'rebuild':
      return stop(turn, instance, 'queued', action.reason);
    case 'unlanded':
      return landingUndone(turn, instance);
    case 'resume-undo':
      return resumeUndo(turn, instance);
    case 'resume-cleanup':
      turn.start({ type: 'git.clean', runId, confirmedLoss: [] });
      return;
  }
}

/** From now on the end of that process is told, whoever started it. */
function watch(turn: Turn, runId: RunId, process: ProcessIdentity): void {
  turn.change({ watched: [...turn.state.watched.filter(id => id !== runId), runId] });
  turn.emit({ type: 'process.watch', runId, process });
}
