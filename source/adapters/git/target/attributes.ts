import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { readRegular } from '../../regular-file.ts';
import type { GitCall } from '../calls/answers.ts';
import { foldersAbove } from '../checkout/user-files.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { readBlobs } from '../plumbing/read-blobs.ts';

/**
 * Does a merge of some paths with the attributes (merge drivers, `union`, `-merge`) that `commit` has for them. Git takes those from the files
 * of the work tree that it runs in, which is the user's, on whatever branch. Null: there they are the same, so that nothing has to be done.
 *
 * The files are laid into a work tree of ours that holds nothing else. That works with every git; `--attr-source` came with 2.41.
 */
export async function withAttributesOf<T>(
  context: GitContext,
  { commit, paths, call }: { readonly commit: Oid; readonly paths: readonly string[]; readonly call: GitCall },
  job: (call: GitCall) => Promise<T>,
): Promise<T | null> {
  const names = attributeFiles(paths);
  const wanted = await readBlobs(
    context,
    names.map(name => `${commit}:${name}`),
  );
  const tree = context.place.mainTree;
  const present = names.map(name => (tree === null ? null : bytesAt(join(tree, name))));
  if (wanted.every((bytes, at) => isSame(bytes, present[at] ?? null))) return null;
  const folder = join(
    privateFolder(join(context.runtimeDir, 'tmp')),
    `attributes-${process.pid}-${process.hrtime.bigint()}`,
  );
  try {
    privateFolder(folder);
    for (const [at, name] of names.entries()) {
      const bytes = wanted[at] ?? null;
      if (bytes === null) continue;
      mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, name), bytes, { flag: 'wx', mode: 0o600 });
    }
    const env = { ...call.env, GIT_DIR: context.checkout.gitDir, GIT_WORK_TREE: folder };
    return await job({ ...call, cwd: folder, env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every file that can say something of one of the paths. A name with a line break cannot be asked for. */
function attributeFiles(paths: readonly string[]): readonly string[] {
  const folders = new Set(paths.flatMap(foldersAbove).filter(folder => isPlain(folder)));
  return ['.gitattributes', ...[...folders].map(folder => `${folder}/.gitattributes`)];
}

function isPlain(folder: string): boolean {
  return (
    !/[\n\0]/.test(folder) && !folder.split('/').some(part => ['', '.', '..', '.git'].includes(part.toLowerCase()))
  );
}

function bytesAt(file: string): Buffer | null {
  try {
    return readRegular(file);
  } catch {
    return null;
  }
}

function isSame(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}
