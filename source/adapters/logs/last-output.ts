import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** When a run last wrote into its logs, in milliseconds since 1970; null where it has not, or has none. For runs that nobody follows. */
export function lastOutputOf(runFolder: string): number | null {
  const times = ['out.log', 'err.log'].flatMap(name => {
    const stats = statsOf(join(runFolder, name));
    return stats === undefined || !stats.isFile() || stats.size === 0 ? [] : [Math.round(stats.mtimeMs)];
  });
  return times.length === 0 ? null : Math.max(...times);
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
