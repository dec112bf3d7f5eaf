import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item, Roadmap } from '../../domain/item.ts';
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
  let instance: Instance | undefined = run;
  let done = true;
  for (let steps = 0; instance?.reverts !== undefined && steps < instances.length; steps++) {
    const runId: RunId = instance.reverts.runId;
    instance = instances.find(one => one.runId === runId);
    done = !done;
  }
  const item = roadmap.items.find(one => one.id === instance?.priorityId);
  return item === undefined || !isWritten(item, roadmap) ? null : { item, to: done ? 'complete' : 'planned' };
}

/** The file that says an item's status, relative to the repository; null: it stands in none of ours. */
export function statusPath(item: Item, { path }: Roadmap): string | null {
  const file = item.source === undefined || item.source === 'roadmap' ? (item.path ?? path) : (item.path ?? null);
  // One outside the repository is the user's to keep.
  return file === null || file.startsWith('/') ? null : file;
}

/** Its source can be written to: a file of the repository, or a program that keeps it. */
function isWritten(item: Item, roadmap: Roadmap): boolean {
  return item.writes === 'program' || (item.writes !== 'none' && statusPath(item, roadmap) !== null);
}
