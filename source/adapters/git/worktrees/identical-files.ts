import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegular } from '../../regular-file.ts';

/** Beyond these a folder is not compared, and counts as something of its own. */
const fileLimit = 2000;
const byteLimit = 64 * 1024 * 1024;

/** What may still be compared. */
interface Budget {
  files: number;
  bytes: number;
}

/**
 * Those of the paths that are more than copies: a file that exists in the main work tree under the same name with the same bytes is not
 * lost with the worktree it was copied to. What cannot be read does not count as a copy.
 * @param paths relative to both folders, a folder with a trailing slash
 */
export async function withoutCopies(
  main: string,
  worktree: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  const budget = { files: fileLimit, bytes: byteLimit };
  const own: string[] = [];
  for (const path of paths) {
    const same = await isCopy(join(main, path), join(worktree, path), budget).catch(() => false);
    if (!same) own.push(path);
  }
  return own;
}

async function isCopy(original: string, copy: string, budget: Budget): Promise<boolean> {
  const [one, other] = [await lstat(trimmed(original)), await lstat(trimmed(copy))];
  budget.files--;
  budget.bytes -= other.size;
  if (budget.files < 0 || budget.bytes < 0) return false;
  if (other.isSymbolicLink() && one.isSymbolicLink()) return (await readlink(original)) === (await readlink(copy));
  if (other.isFile() && one.isFile()) {
    if (one.size !== other.size) return false;
    const bytes = readRegular(copy, { most: byteLimit });
    return bytes !== null && readRegular(original, { most: byteLimit })?.equals(bytes) === true;
  }
  if (!other.isDirectory() || !one.isDirectory()) return false;
  for (const name of await readdir(copy)) {
    if (!(await isCopy(join(original, name), join(copy, name), budget))) return false;
  }
  return true;
}

/** With its slash a link to a folder would be followed. */
function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}
