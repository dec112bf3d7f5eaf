import { system } from '../../system/system.ts';

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
  const words = (await system().commandLine(pid)) ?? [];
  const command = words.find((word, at) => at > 0 && !word.startsWith('-'));
  return command === undefined || !onlyReads.has(command);
}

/** Waits until no git that could hold a lock works in `folder` any more. False: one still does, or nobody can tell. */
export async function gitHasLeft(folder: string, patienceMs: number): Promise<boolean> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const occupants = await system().occupants(folder, false);
    if (occupants === null) return false;
    const gits = occupants.filter(({ name }) => name === 'git' || name.startsWith('git-'));
    const writers = await Promise.all(gits.map(({ pid }) => mayWrite(pid)));
    if (!writers.includes(true)) return true;
    if (performance.now() >= until) return false;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
