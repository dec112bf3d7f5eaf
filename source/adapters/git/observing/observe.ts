import { statSync } from 'node:fs';
import type { Oid } from '../../../domain/ids.ts';
import type { GitObservation } from '../../../ports/git.ts';
import { type GitContext, readRefs } from '../context.ts';
import { observeWorktrees } from '../plumbing/branch-usage.ts';
import { branchRef } from '../plumbing/refs.ts';

/** One look at worktrees, branches and pins; a part that cannot be read is null. */
export async function observe(
  context: GitContext,
  target: string | null,
  branchPrefix: string,
  folders: readonly string[] = [],
): Promise<GitObservation> {
  const [worktrees, refs] = await Promise.all([
    observeWorktrees(context).catch(() => null),
    readRefs(context, ['refs/heads', 'refs/cm']).catch(() => null),
  ]);
  const branches: Record<string, Oid> = {};
  const found: Record<string, Oid> = {};
  for (const [name, { oid }] of refs ?? []) {
    const short = name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : null;
    if (short === null) found[name] = oid;
    else if (short === target || short.startsWith(branchPrefix)) branches[short] = oid;
  }
  return {
    worktrees: worktrees?.map(({ bare: _, ...entry }) => ({ ...entry, exists: !isMissing(entry.path) })) ?? null,
    branches: refs === null ? null : branches,
    pins: refs === null ? null : found,
    targetTip: target === null ? null : (refs?.get(branchRef(target))?.oid ?? null),
    missing: folders.filter(isMissing),
  };
}

/** Names of all pins; null where git cannot list them. */
export async function listPins(context: GitContext): Promise<readonly string[] | null> {
  if (!context.refFiles.mayHave('refs/cm')) return [];
  const refs = await readRefs(context, ['refs/cm']).catch(() => null);
  return refs === null ? null : [...refs.keys()];
}

/** A path that cannot be inspected is not treated as gone: an agent may be working there. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}
