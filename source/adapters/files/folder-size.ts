import process from 'node:process';
import type { DiskPort } from '../../ports/machine.ts';
import type { ProcessesPort } from '../../ports/processes.ts';

/** A folder that takes longer than this to count has no known size. */
const timeoutMs = 60_000;

/**
 * Counts with `du`, at the lowest priority: a worktree may hold a hundred thousand files, and counting them here would hold up the screen.
 * `run` starts it.
 */
export function createDisk(run: ProcessesPort['run']): DiskPort {
  return {
    async folderBytes(path, signal) {
      const command = ['nice', '-n', '19', 'du', '-skx', path];
      const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
      const { exitCode, output } = await run(command, { cwd: '/', env, timeoutMs, signal });
      // A folder that cannot be read makes it exit with 1, after it has reported the rest.
      const kilobytes = exitCode === 0 || exitCode === 1 ? /^(\d+)\s/m.exec(output)?.[1] : undefined;
      return kilobytes === undefined ? null : Number(kilobytes) * 1024;
    },
  };
}
