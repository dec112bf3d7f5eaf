import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { changesOf } from '../checkout/tree-conflicts.ts';
import { readablePath } from '../checkout/user-files.ts';
import type { GitContext } from '../context.ts';
import { adminFolders } from '../plumbing/branch-usage.ts';
import { assertOid, assertSlug } from '../plumbing/refs.ts';
import { asStore, missingIn, type Submodule, storeIn, submodulesOf } from './stores.ts';

/**
 * A commit that moves a submodule may name one that only a run's worktree has. Where the repository has a store of that submodule, it is fetched
 * into it, under a ref of ours; of the others one sentence each says where they are. Nothing to do, and no start of git, where no checkout has
 * submodules.
 */
export async function bringSubmodules(
  context: GitContext,
  { from, to, slug }: { readonly from: Oid; readonly to: Oid; readonly slug: string },
): Promise<readonly string[]> {
  const stores = adminFolders(context).filter(({ gitDir }) => existsSync(join(gitDir, 'modules')));
  if (stores.length === 0) return [];
  const changes = await changesOf(context, assertOid(from), assertOid(to));
  const moved = new Set(changes.flatMap(({ path, newMode }) => (newMode === '160000' ? [readablePath(path)] : [])));
  if (moved.size === 0) return [];
  const remarks: string[] = [];
  for (const submodule of (await submodulesOf(context, to)).filter(({ path }) => moved.has(path))) {
    const remark = await bringOne(context, submodule, stores, slug);
    if (remark !== null) remarks.push(remark);
  }
  return remarks;
}

async function bringOne(
  context: GitContext,
  { name, path, commit }: Submodule,
  trees: readonly { readonly gitDir: string; readonly path: string }[],
  slug: string,
): Promise<string | null> {
  const store = storeIn(context.place.commonDir, name);
  if ((await missingIn(context, store, [commit])).length === 0) return null;
  const shown = `${escapePath(path)} now points to ${commit.slice(0, 10)}`;
  for (const { gitDir, path: tree } of trees) {
    const source = storeIn(gitDir, name);
    if ((await missingIn(context, source, [commit])).length > 0) continue;
    if (existsSync(join(store, 'HEAD')) && (await fetchInto(context, { store, source, commit, slug }))) return null;
    return `${shown}, which only ${escapePath(join(tree, path))} has; push it from there, or run git submodule update --init ${escapePath(path)} and land again.`;
  }
  return existsSync(join(store, 'HEAD'))
    ? `${shown}, which no checkout here has; push it from where it was made.`
    : null;
}

async function fetchInto(
  context: GitContext,
  {
    store,
    source,
    commit,
    slug,
  }: { readonly store: string; readonly source: string; readonly commit: Oid; readonly slug: string },
): Promise<boolean> {
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
  const args = ['fetch', ...quiet, '--end-of-options', source, `+${commit}:refs/cm/landed/${assertSlug(slug)}`];
  // The second version of the protocol gives any commit that is there.
  const config = ['protocol.version=2', 'protocol.file.allow=always'];
  await context.elsewhere.runLocked({ cwd: store, args, config, env: asStore(store), durable: true });
  return (await missingIn(context, store, [commit])).length === 0;
}
