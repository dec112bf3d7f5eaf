import type { Instance } from '../instance.ts';
import type { Scope } from '../item.ts';
import type { Settings } from '../settings.ts';

/** Characters that begin a part of a pattern which may stand for several names. */
const wild = /[*?[{!(]/;

/**
 * The folders that hold every path of a scope, for a sparse checkout in cone mode, which always has the files of the top folder too. Null: the
 * scope is not known, or a pattern may name files in any folder, so that all of them are needed.
 */
export function sparseFolders({ kind, paths }: Scope): readonly string[] | null {
  if (kind !== 'known' || paths.length === 0) return null;
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.replace(/^\.?\/+/, '').split('/');
    const first = parts.findIndex(part => wild.test(part));
    const isFolder = parts.at(-1) === '';
    const plain = parts.slice(0, first < 0 ? (isFolder ? -1 : parts.length - 1) : first).filter(part => part !== '');
    // `*.md` names files of the top folder alone; `**/x` and `*/x` any folder.
    const isTopFile = first === parts.length - 1 && !(parts[first] ?? '').includes('**');
    if (plain.length === 0 && first >= 0 && !isTopFile) return null;
    if (plain.length > 0) folders.add(plain.join('/'));
  }
  return [...folders].sort();
}

/** What the worktree of a run holds, as the setting says; a revert needs whatever its landing has changed. */
export function foldersFor(
  { sparse }: Pick<Settings, 'sparse'>,
  { scope, reverts }: Pick<Instance, 'scope' | 'reverts'>,
): { readonly sparse?: readonly string[] } {
  const folders = sparse === 'scope' && reverts === undefined ? sparseFolders(scope) : null;
  return folders === null ? {} : { sparse: folders };
}
