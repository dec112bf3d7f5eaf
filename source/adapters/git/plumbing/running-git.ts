import { readdir, readFile, readlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';

/** A process that stands in a folder. */
export interface Occupant {
  readonly pid: number;
  /** Name of the program, harmless for a terminal. */
  readonly name: string;
}

/**
 * Processes (other than ourselves) whose current folder is `folder` or lies in it. Null where the system cannot be asked (no
 * /proc): then nothing may be concluded. Processes of other users are not seen.
 */
export async function occupantsOf(folder: string): Promise<Occupant[] | null> {
  const names = await readdir('/proc').catch(() => null);
  if (names === null || !names.includes('self')) return null;
  const found = await Promise.all(
    names
      .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(async (name): Promise<Occupant | null> => {
        const place = await readlink(`/proc/${name}/cwd`).catch(() => null);
        const standing = place?.replace(/ \(deleted\)$/, '');
        if (standing === undefined || !(standing === folder || standing.startsWith(`${folder}${sep}`))) return null;
        const program = await readFile(`/proc/${name}/comm`, 'utf8').catch(() => '');
        return { pid: Number(name), name: sanitizeLine(program.trim(), 40) };
      }),
  );
  return found.filter(occupant => occupant !== null);
}

/** Commands of git that only read, or wait for others: a pager left open on `git log` holds no lock. */
const onlyReads = new Set([
  'log',
  'show',
  'diff',
  'blame',
  'grep',
  'cat-file',
  'shortlog',
  'reflog',
  'fsmonitor--daemon',
]);

async function mayWrite(pid: number): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const command = line.split('\0').find((word, at) => at > 0 && !word.startsWith('-'));
  return command === undefined || !onlyReads.has(command);
}

/** Waits until no git that could hold a lock works in `folder` any more. False: one still does, or nobody can tell. */
export async function gitHasLeft(folder: string, patienceMs: number): Promise<boolean> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const occupants = await occupantsOf(folder);
    if (occupants === null) return false;
    const gits = occupants.filter(({ name }) => name === 'git' || name.startsWith('git-'));
    const writers = await Promise.all(gits.map(({ pid }) => mayWrite(pid)));
    if (!writers.includes(true)) return true;
    if (performance.now() >= until) return false;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
