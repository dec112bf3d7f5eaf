import type { Instance } from '../domain/instance.ts';
import { dispatchAnswered } from './fleet/answers.ts';
import { batchFailed, leaveOut } from './landing/batch/batch.ts';
import { chainBelow, hasCandidate, type WithCandidate } from './landing/batch/chain.ts';
import { exported } from './landing/export.ts';
import { predictionAnswered } from './landing/prediction.ts';
import { stop } from './landing/queue-stop.ts';
import { replayAnswered } from './landing/replay.ts';
import { undoFailed } from './landing/undo.ts';
import { pullRequestAnswered } from './remote/pull-requests.ts';
import { readingFailed } from './review/reading-answers.ts';
import { holdForLosses, outsideReported } from './runs/escape.ts';
import * as lifecycle from './runs/lifecycle.ts';
import type { Outcome } from './state/messages.ts';
import { sanitizeReason } from './state/sentences.ts';
import type { Transition } from './transition.ts';

/** An effect that could not be performed: what it was for stops with the sentence, nothing is concluded from it. */
export function effectFailed(
  transition: Transition,
  { runId, kind, message, outside }: Extract<Outcome, { readonly type: 'failed' }>,
): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const { priorityId, state } = instance;
  switch (kind) {
    case 'git.createWorktree':
    case 'worktree.setup':
      return lifecycle.makingFailed(transition, instance, message);
    case 'process.start':
      return lifecycle.startFailed(transition, instance, message);
    case 'git.land':
      // The target may have moved all the same.
      transition.emit({ type: 'target.read' });
      return landingFailed(transition, instance, message);
    case 'checks.run':
      return checksFailed(transition, instance, message);
    case 'git.prepare':
      if (state === 'queued' || state === 'checking' || state === 'landing')
        stop(transition, instance, 'blocked', message);
      return;
    case 'git.undo':
      return undoFailed(transition, instance, message);
    case 'git.replay':
      return replayAnswered(transition, runId, { outcome: 'failed', message });
    case 'git.export':
      return exported(transition, runId, '', { outcome: 'failed', message });
    case 'git.clean':
    case 'git.discard':
      return transition.record({ type: 'cleanup-stopped', runId, priorityId, reasons: [sanitizeReason(message)] });
    case 'git.predict':
      if (instance.head !== null) {
        // Whatever was predicted before was for another target: it is tried again with the next look.
        predictionAnswered(transition, runId, instance.head, { outcome: 'unknown', message });
      }
      return transition.notice('error', `${instance.key}: ${message}`, runId);
    case 'agent.review':
    case 'agent.judge':
      return readingFailed(transition, instance, kind === 'agent.review' ? 'review' : 'judge', message);
    case 'batch.prepare':
      return leaveOut(transition, runId, instance.merge.approvedHead ?? '');
    case 'speculate.prepare':
    case 'speculate.check':
      // Nobody was waiting for it yet; its turn will tell.
      if (state === 'checking') stop(transition, instance, 'blocked', message);
      else if (state === 'queued') transition.record({ type: 'speculation-dropped', runId });
      return;
    case 'git.judge':
      if (outside !== undefined) holdForLosses(transition, runId, outside);
      lifecycle.judgementFailed(transition, instance, message);
      if (outside !== undefined) outsideReported(transition, runId, outside);
      return;
    case 'forge.open':
      return pullRequestAnswered(transition, {
        runId,
        head: instance.head ?? '',
        pushed: false,
        result: { outcome: 'failed', message },
      });
    case 'fleet.dispatch':
      return dispatchAnswered(transition, runId, message);
    case 'fleet.cancel':
    case 'fleet.home':
      // It is tried again with the next look at other machines.
      return;
    case 'forge.comments':
    case 'git.push':
    case 'git.writeStatus':
    case 'git.restore':
    case 'git.commitLeft':
    case 'process.kill':
    case 'agent.say':
      return transition.notice('error', `${instance.key}: ${message}`, runId);
  }
}

/** Of a batch, the whole batch failed, and each is checked for itself. */
function checksFailed(transition: Transition, instance: Instance, message: string): void {
  const chain = togetherWith(transition, instance);
  if (isUnderWay(instance) && chain.length > 1) return batchFailed(transition, chain, message);
  if (instance.state === 'queued' || isUnderWay(instance)) stop(transition, instance, 'blocked', message);
}

/** All that was to land by that move stops with its candidate and its approval: where the target stands says whether it has landed. */
function landingFailed(transition: Transition, instance: Instance, message: string): void {
  const chain = togetherWith(transition, instance);
  const members = chain.length > 1 ? chain : [instance];
  for (const one of members) if (one.state === 'queued' || isUnderWay(one)) stop(transition, one, 'blocked', message);
}

function togetherWith({ state }: Transition, instance: Instance): readonly WithCandidate[] {
  return hasCandidate(instance) ? chainBelow(state.instances, instance) : [];
}

function isUnderWay({ state }: Instance): boolean {
  return state === 'checking' || state === 'landing';
}
