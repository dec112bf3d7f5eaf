import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import type { State } from '../state/state.ts';

/** The ROADMAP item that a landing is about, and what its status is afterwards. */
export interface StatusItem {
  readonly item: Item;
  readonly to: 'complete' | 'planned';
}

/** Null: none of the repository's own ROADMAP. A revert is about the item that had landed. */
export function statusItem(
  { instances, roadmap }: Pick<State, 'instances' | 'roadmap'>,
  run: Instance,
): StatusItem | null {
  // A ROADMAP outside the repository is the user's to keep.
  if (roadmap.path === null || roadmap.path.startsWith('/')) return null;
  let instance: Instance | undefined = run;
  let done = true;
  for (let steps = 0; instance?.reverts !== undefined && steps < instances.length; steps++) {
    const runId: RunId = instance.reverts.runId;
    instance = instances.find(one => one.runId === runId);
    done = !done;
  }
  const item = roadmap.items.find(one => one.id === instance?.priorityId);
  return item === undefined ? null : { item, to: done ? 'complete' : 'planned' };
}
