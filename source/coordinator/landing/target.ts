import type { Oid } from '../../domain/instance.ts';
import type { Turn } from '../transition.ts';
import { predictWaiting } from './prediction.ts';
import { openDependencies } from './queue-order.ts';
import { isOurTarget, rebuild, stop } from './queue-stop.ts';

/** The target was seen at `tip`: whatever depends on it is looked at anew. Null: it does not exist. */
export function targetIsAt(turn: Turn, tip: Oid | null): void {
  if (tip === turn.state.targetTip) return;
  turn.change({ targetTip: tip, statusTried: [] });
  if (tip === null) return;
  turn.emit({ type: 'sources.read' });
  rebuildChecked(turn, tip);
  requeueBlocked(turn);
  predictWaiting(turn, true);
}

/** What is checked on a target that has moved since would have to be checked again whatever comes out. */
function rebuildChecked(turn: Turn, tip: Oid): void {
  for (const instance of turn.state.instances) {
    const base = instance.merge.candidate?.base;
    if (instance.state === 'checking' && isOurTarget(turn, instance) && base !== tip) rebuild(turn, instance);
  }
}

/** Branches that only the user's tree (or a lock, or another worktree) held back get their turn again. */
export function requeueBlocked(turn: Turn): void {
  if (turn.state.role === 'reader') return;
  for (const instance of turn.state.instances) {
    if (instance.state !== 'blocked' || instance.merge.approvedHead === null) continue;
    // What it needs does not come by itself: that is for a person to decide.
    if (openDependencies(turn.state, instance).length > 0) continue;
    stop(turn, instance, 'queued', 'tried again');
  }
}
