import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type GitContext, privateFolder } from '../context.ts';
import { copyIndex } from './copy-index.ts';

/**
 * Does a job with a separate index, so that neither an index of somebody else nor its lock is touched. `copied`: the git folder whose
 * index it begins as, with the time stamps that git knows, so that only what has changed is read; null: it begins empty.
 */
export async function withOwnIndex<T>(
  context: GitContext,
  copied: string | null,
  job: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const folder = privateFolder(join(context.runtimeDir, 'tmp'));
  const index = join(folder, `index-${process.pid}-${process.hrtime.bigint()}`);
  try {
    const own = copied === null ? null : join(copied, 'index');
    if (own !== null && lstatSync(own, { throwIfNoEntry: false })?.isFile() === true) copyIndex(own, index);
    return await job({ GIT_INDEX_FILE: index });
  } finally {
    for (const name of [index, `${index}.lock`]) rmSync(name, { force: true });
  }
}
