import { createHash } from 'node:crypto';
import type { RunId } from '../../domain/ids.ts';

/** Marks lie in a range of their own, below the largest whole number that JavaScript holds exactly. */
const family = 7222;
const span = 2 ** 40;

/**
 * The mark of a run: the limit on file locks that all its processes have. Linux hands a limit down to every child and has not enforced
 * this one since version 2.4, so it costs an agent nothing. Unlike the environment it outlives `env -i`, `setsid` and a double fork, and
 * only a process with privileges can raise it again.
 */
export function markOf(runId: RunId): number {
  const digest = createHash('sha256').update(runId).digest();
  return family * span + digest.readUIntBE(0, 5);
}

/** The mark among the limits of a process (`/proc/PID/limits`); null: it belongs to no run, or lost its mark. */
export function findMark(limits: string): number | null {
  const hard = /^Max file locks\s+\S+\s+(\d+)\s/m.exec(limits)?.[1];
  const value = Number(hard ?? 0);
  return value >= family * span && value < (family + 1) * span ? value : null;
}

/**
 * Shell code that sets the mark in `$variable` for the shell itself and all its children; an empty one sets nothing. The option is called
 * `-w` in dash and busybox, `-x` in bash. Where neither works there is no mark, and the environment alone tells.
 */
export function setMark(variable: string): string {
  return `[ -z "$${variable}" ] || { ulimit -w "$${variable}" || ulimit -x "$${variable}"; } 2>/dev/null`;
}
