import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

const pollMs = 2000;
const settleMs = 50;

/**
 * Notices that a branch may have moved, without starting git: watches its loose ref, and looks at the loose and packed refs' times
 * now and then where watching does not work. Calls back at most once per 50 ms. Returns the stop function.
 */
export function watchTarget(options: {
  readonly commonDir: string;
  readonly target: string;
  readonly onChange: () => void;
}): () => void {
  const loose = join(options.commonDir, 'refs', 'heads', options.target);
  const files = [loose, join(options.commonDir, 'packed-refs')];
  let stamp = stampOf(files);
  let pending: NodeJS.Timeout | null = null;
  const look = () => {
    pending = null;
    const now = stampOf(files);
    if (now === stamp) return;
    stamp = now;
    options.onChange();
  };
  const soon = () => {
    pending ??= setTimeout(look, settleMs).unref();
  };
  const watcher = tryWatch(dirname(loose), soon);
  const poll = setInterval(look, pollMs).unref();
  return () => {
    clearInterval(poll);
    if (pending !== null) clearTimeout(pending);
    watcher?.close();
  };
}

function tryWatch(folder: string, onEvent: () => void): FSWatcher | null {
  try {
    // A folder that disappears ends the watching; polling continues.
    return watch(folder, { persistent: false }, onEvent).on('error', () => undefined);
  } catch {
    return null;
  }
}

function stampOf(files: readonly string[]): string {
  return files
    .map(file => {
      const s = statSync(file, { throwIfNoEntry: false });
      return s === undefined ? '-' : `${s.ino} ${s.mtimeMs} ${s.size}`;
    })
    .join('|');
}
