import { type FSWatcher, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { StashEntry } from '../../../domain/user-work/look.ts';
import type { GitContext } from '../context.ts';
import { readStash } from './user-work.ts';

/** Where watching folders does not work, the files are looked at this often; a look starts no program. */
const pollMs = 1000;

/**
 * Tells of every entry that comes into the stash while runs are at work: what was pushed and popped between the start and the end of a run
 * shows in neither look. Calls back with all entries whenever the stash has changed. Returns the stop function.
 */
export function watchStash(context: GitContext, onChange: (stash: readonly StashEntry[]) => void): () => void {
  const { commonDir } = context.place;
  // With refs in tables every move of any ref shows here.
  const files = ['logs/refs/stash', 'refs/stash', 'reftable/tables.list'].map(name => join(commonDir, name));
  let stamp = stampOf(files);
  let reading = false;
  let stopped = false;

  const look = async () => {
    if (reading) return;
    reading = true;
    // What changes while it is read is read once more.
    for (let now = stampOf(files); now !== stamp && !stopped; now = stampOf(files)) {
      stamp = now;
      const stash = await readStash(context).catch(() => null);
      if (stash !== null && !stopped) onChange(stash);
    }
    reading = false;
  };
  const watchers = ['logs/refs', 'refs', 'reftable'].map(folder =>
    tryWatch(join(commonDir, folder), () => void look()),
  );
  const poll = setInterval(() => void look(), pollMs).unref();
  return () => {
    stopped = true;
    clearInterval(poll);
    for (const watcher of watchers) watcher?.close();
  };
}

function tryWatch(folder: string, onEvent: () => void): FSWatcher | null {
  try {
    return watch(folder, { persistent: false }, onEvent).on('error', () => undefined);
  } catch {
    return null;
  }
}

function stampOf(files: readonly string[]): string {
  return files
    .map(file => {
      const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
      return stats === undefined ? '-' : `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
    })
    .join('|');
}
