import { type Instance, waitsToLand } from '../../domain/instance.ts';
import type { EventOf } from '../../ports/events.ts';

/** Days for which the head of a discarded run stays pinned. */
export const discardedDays = 30;

/** A run after its worktree and branch were removed without having landed, or were brought back. */
export function foldRemoval(instance: Instance, event: EventOf<'run-removed' | 'run-restored'>): Instance {
  return event.type === 'run-removed' ? removed(instance, event) : restored(instance);
}

function removed(instance: Instance, { at, head, saved, discarded }: EventOf<'run-removed'>): Instance {
  const { state, reason, slug } = instance;
  const gone: Instance = { ...instance, removed: { head, saved, from: { state, reason } } };
  if (!discarded) return gone;
  const until = new Date(at + discardedDays * 24 * 3_600_000).toISOString().slice(0, 10);
  const why = `discarded; "cm-tui restore ${slug}" brings it back until ${until}`;
  const over = waitsToLand(state) || state === 'needs-attention' ? 'rejected' : state;
  return { ...gone, state: over, reason: why, merge: { ...instance.merge, approvedHead: null, candidate: null } };
}

/** As it was before, but what git has to say of its branch is asked again. */
function restored({ removed: gone, ...instance }: Instance): Instance {
  if (gone === undefined) return instance;
  const { state, reason } = gone.from;
  if (waitsToLand(state) && state !== 'blocked') return { ...instance, state: 'needs-attention', reason: 'restored' };
  return { ...instance, state, reason };
}
