import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { stdoutText } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { isOid } from '../plumbing/refs.ts';
import { asStore, missingIn, storeIn, storesIn } from './stores.ts';

/**
 * What would be lost with the submodules of a worktree, one sentence each: files that are not committed, and commits that neither a remote is
 * known to have nor the repository's own store has. Throws when git cannot tell.
 */
export async function submoduleLosses(
  context: GitContext,
  { path, gitDir }: { readonly path: string; readonly gitDir: string },
): Promise<readonly string[]> {
  const losses: string[] = [];
  for (const name of storesIn(gitDir)) {
    const store = storeIn(gitDir, name);
    const shown = `the submodule ${escapePath(name.replaceAll('/modules/', '/'))} in ${escapePath(path)}`;
    const files = await uncommittedIn(context, store);
    if (files === null)
      losses.push(
        `${capital(shown)} does not say where its files are; run git submodule update --init there and try again.`,
      );
    else if (files.length > 0)
      losses.push(
        `${capital(shown)} holds ${escapePath(files[0] ?? '')}${more(files)}, which no commit has; commit or remove it.`,
      );
    const commits = await ownCommits(context, store);
    const lost = await missingIn(context, storeIn(context.place.commonDir, name), commits);
    if (lost.length > 0)
      losses.push(
        `${capital(shown)} has ${(lost[0] ?? '').slice(0, 10)}${more(lost)}, which no other copy has; push it from there.`,
      );
  }
  return losses;
}

/** Everything in its work tree that a commit does not have, ignored files too; null: nobody knows where that is. */
async function uncommittedIn({ elsewhere }: GitContext, store: string): Promise<readonly string[] | null> {
  const named = await elsewhere.ask(
    { cwd: store, args: ['config', '--get', 'core.worktree'], env: asStore(store) },
    output => (output.code === 1 ? '' : stdoutText(output)?.replace(/\n$/, '')),
  );
  if (named === '') return null;
  const tree = join(store, named);
  // Without its link the work tree is only a folder of the one around it, which is looked at itself.
  if (!existsSync(join(tree, '.git'))) return [];
  const args = [
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=all',
    '--ignored=matching',
    '--ignore-submodules=dirty',
  ];
  const { tracked, untracked, ignored } = parseStatus(await elsewhere.text({ cwd: tree, args }));
  return [...tracked, ...untracked, ...ignored];
}

/** Commits that anything in the store names or named, beyond what came from its remotes. */
async function ownCommits({ elsewhere }: GitContext, store: string): Promise<readonly string[]> {
  const args = ['rev-list', '--all', '--reflog', 'HEAD', '--not', '--remotes', '--'];
  return elsewhere.ask({ cwd: store, args, env: asStore(store) }, output => {
    if (output.code === 0) return output.stdout.toString('utf8').split('\n').filter(isOid);
    // Cloned and nothing checked out yet.
    return /unknown revision|bad revision/.test(output.stderr) ? [] : undefined;
  });
}

function more(all: readonly string[]): string {
  return all.length > 1 ? ` (and ${all.length - 1} more)` : '';
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
