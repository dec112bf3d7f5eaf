import type { Settings } from './settings.ts';

/** Branch of an instance (CONTRACT §3). */
export function branchNameOf(slug: string, settings: Pick<Settings, 'branchPrefix'>): string {
  return `${settings.branchPrefix}${slug}`;
}

/** Absolute path of an instance's worktree: beside the repository, or inside `worktreeRoot` (CONTRACT §3). */
export function worktreePathOf(
  slug: string,
  repository: { readonly root: string; readonly name: string },
  settings: Pick<Settings, 'worktreeRoot'>,
): string {
  const parent = repository.root.slice(0, repository.root.lastIndexOf('/')) || '';
  const folder = settings.worktreeRoot ?? parent;
  const base = folder.startsWith('/') ? folder : `${repository.root}/${folder}`;
  return `${base.replace(/\/+$/, '')}/${repository.name}-wt${slug}`;
}
