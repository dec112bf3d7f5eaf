import type { Settings } from '../settings.ts';

/**
 * A branch of the user's that work can land on: any letters, but nothing that a shell, an option parser or a terminal would act on, and
 * nothing that git refuses as a name.
 */
export const targetBranchPattern =
  /^(?!.*(?:\.\.|\/\/|\/\.|\/$|\.$|\.lock(?:\/|$)|@\{))[\p{L}\p{N}_][\p{L}\p{N}\p{M}._/+#@=,%-]{0,199}$/u;

const asciiBranchPattern =
  /^(?!.*(?:\.\.|\/\/|\/\.|\/$|\.$|\.lock(?:\/|$)|@\{))[A-Za-z0-9_][A-Za-z0-9._/+#@=,%-]{0,199}$/;

/** As {@link targetBranchPattern}, which takes longer to compile than most names need. */
export function isTargetBranch(name: string): boolean {
  return asciiBranchPattern.test(name) || targetBranchPattern.test(name);
}

/** Branch of an instance (docs/contract.md). */
export function branchNameOf(slug: string, settings: Pick<Settings, 'branchPrefix'>): string {
  return `${settings.branchPrefix}${slug}`;
}

/** Branches whose existence excludes every branch of the prefix: `a` and `a/b` for the prefix `a/b/c-`. */
export function rivalsOfPrefix({ branchPrefix }: Pick<Settings, 'branchPrefix'>): readonly string[] {
  const folders = branchPrefix.split('/').slice(0, -1);
  return folders.map((_, at) => folders.slice(0, at + 1).join('/'));
}

/** What to say of one that exists: a branch cannot be a folder of branches as well. */
export function prefixSentence(rival: string): string {
  return `The branch ${rival} exists, so no branch can be called ${rival}/…; choose another prefix, e.g. with "cm-tui config set branchPrefix ${rival}-".`;
}

/** Absolute path of an instance's worktree: beside the repository (a submodule: beside its superproject), or inside `worktreeRoot` (docs/contract.md). */
export function worktreePathOf(
  slug: string,
  repository: { readonly root: string; readonly name: string; readonly beside?: string },
  settings: Pick<Settings, 'worktreeRoot'>,
): string {
  const around = repository.beside ?? repository.root.slice(0, repository.root.lastIndexOf('/'));
  const folder = settings.worktreeRoot ?? around;
  const base = folder.startsWith('/') ? folder : `${repository.root}/${folder}`;
  return `${withoutDots(base)}/${repository.name}-wt${slug}`;
}

/** The private folder for worktrees that are made ahead, beside those of runs. */
export function warmFolderOf(
  repository: Parameters<typeof worktreePathOf>[1],
  settings: Pick<Settings, 'worktreeRoot'>,
): string {
  const path = worktreePathOf('', repository, settings);
  return `${path.slice(0, path.lastIndexOf('/'))}/.${repository.name}-warm`;
}

/** An absolute path as git and the system name it: without `.` and `..` parts and double slashes; the empty string for `/`. */
function withoutDots(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.map(part => `/${part}`).join('');
}
