import { copyFileSync, statSync, utimesSync } from 'node:fs';

/**
 * Copies an index of git. A file that was changed in the very second in which the index was written, and has kept its size, git recognises
 * only by the time of the index: a copy that looks younger would call such a file unchanged. So the copy is given the time of the original,
 * without its fraction, which git may not compare.
 */
export function copyIndex(from: string, to: string): void {
  // Read before the copy: an index that is replaced in between looks older than it is, which only costs reading some files.
  const seconds = Math.floor(statSync(from).mtimeMs / 1000);
  copyFileSync(from, to);
  utimesSync(to, seconds, seconds);
}
