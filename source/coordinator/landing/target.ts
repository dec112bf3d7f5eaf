import type { Oid } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { predictWaiting } from './prediction.ts';
import { openDependencies } from './queue-order.ts';
import { isOurTarget, pauseQueue, rebuildCandidate, stop, targetGone } from './queue-stop.ts';
import { tryOf } from './way.ts';

/** The target was seen at `tip`: whatever depends on it is derived again. Null: it does not exist. */
export function targetIsAt(transition: Transition, tip: Oid | null): void {
  if (tip === transition.state.targetTip) return;
  transition.change({ targetTip: tip, statusTried: [] });
  if (tip === null) return;
  transition.emit({ type: 'sources.read' });
  rebuildChecked(transition, tip);
  requeueBlocked(transition);
  predictWaiting(transition, true);
}

/** The target's ref has moved, or is gone: then nothing lands until a person says so. */
export function targetMoved(transition: Transition, tip: Oid | null): void {
  targetIsAt(transition, tip);
  if (tip === null) pauseQueue(transition, targetGone(transition.state.target ?? ''));
}

/** What is checked on a target that has moved since would have to be checked again whatever comes out. */
function rebuildChecked(transition: Transition, tip: Oid): void {
  const checking = transition.state.instances.filter(one => one.state === 'checking' && isOurTarget(transition, one));
  // Of those that are checked together only the lowest is built on the tip.
  if (checking.some(({ merge }) => merge.candidate?.base === tip)) return;
  for (const instance of checking) rebuildCandidate(transition, instance);
}

/**
 * Branches that only the user's tree (or a lock, or another worktree) held back get their turn again; what can not land as it is where the
 * target stands does so once branch, target or way of landing have changed.
 */
export function requeueBlocked(transition: Transition): void {
  if (transition.state.role === 'reader') return;
  for (const instance of transition.state.instances) {
    if (instance.state !== 'blocked' || instance.merge.approvedHead === null) continue;
    // It is being removed.
    if (transition.state.cleaning.includes(instance.runId)) continue;
    // What it needs does not come by itself: that is for a person to decide.
    if (openDependencies(transition.state, instance).length > 0 || isTriedInVain(transition.state, instance)) continue;
    stop(transition, instance, 'queued', 'tried again');
  }
}

/** It was found that it can not land here, and nothing that this follows from has changed. */
function isTriedInVain(state: State, instance: Instance): boolean {
  return state.landTried?.[instance.runId] === tryOf(state, instance, state.targetTip);
}
