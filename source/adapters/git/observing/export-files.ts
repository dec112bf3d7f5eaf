import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { type GitContext, tipOf } from '../context.ts';
import { readBlobs } from '../plumbing/read-blobs.ts';
import { branchRef } from '../plumbing/refs.ts';

/** Files of the target's tip to be written below a folder of ours. */
export interface ExportRequest {
  readonly target: string;
  /** Relative to the repository, `/` separated. */
  readonly paths: readonly string[];
  readonly folder: string;
  /** The tip of the last export: nothing is done while the target is still there. */
  readonly last: Oid | null;
}

/**
 * Writes files as they stand on the target, for a repository without a work tree of its own; takes away those that are not there any
 * more. @returns the tip they are from; null: there is no such branch
 */
export async function exportFiles(context: GitContext, request: ExportRequest): Promise<Oid | null> {
  const { target, folder, last } = request;
  const paths = request.paths.filter(isPlain);
  const tip = await tipOf(context, branchRef(target));
  if (tip !== null && tip === last) return tip;
  const files =
    tip === null
      ? []
      : await readBlobs(
          context,
          paths.map(path => `${tip}:${path}`),
        );
  for (const [index, path] of paths.entries()) {
    const file = join(folder, path);
    const content = files[index] ?? null;
    if (content === null) {
      await rm(file, { force: true });
      continue;
    }
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const next = `${file}.${process.pid}.tmp`;
    await writeFile(next, content, { mode: 0o600 });
    await rename(next, file);
  }
  return tip;
}

/** Names one file below a folder, in a way that neither git nor the file system takes for anything else. */
function isPlain(path: string): boolean {
  return !/[\n\0\\]/.test(path) && path.split('/').every(part => part !== '' && part !== '.' && part !== '..');
}
