import type { Oid } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { stdoutBytes } from '../calls/answers.ts';
import { withOwnIndex } from '../calls/own-index.ts';
import { bytesOf, type RawPath } from '../checkout/user-files.ts';
import type { GitContext } from '../context.ts';
import { splitNul } from '../plumbing/parse.ts';

/** How git is asked not to look at a file, and what lets it look again. */
export type HidingFlag = 'skip-worktree' | 'assume-unchanged';

/**
 * Files that git was asked not to look at and that are not what the index holds. Those that a sparse set keeps out of the tree are not
 * there, so they are none of them.
 */
export async function hiddenEdits(
  context: GitContext,
  tree: string,
  only?: ReadonlySet<RawPath>,
): Promise<ReadonlyMap<RawPath, HidingFlag>> {
  const listed = splitNul(await context.git.ask({ cwd: tree, args: ['ls-files', '-v', '-z'] }, stdoutBytes));
  const flags = new Map<RawPath, HidingFlag>();
  for (const line of listed) {
    const [tag = '', path] = [line[0], line.slice(2)];
    if (only !== undefined && !only.has(path)) continue;
    if (tag === 'S' || tag === 's') flags.set(path, 'skip-worktree');
    else if (tag !== tag.toUpperCase()) flags.set(path, 'assume-unchanged');
  }
  if (flags.size === 0) return flags;
  const changed = await differing(context, tree, [...flags.keys()]);
  return new Map([...flags].filter(([path]) => changed.has(path)));
}

/** Asked of an index of these files alone, which has no flags. A file that is not there differs only where it was not to be left out. */
async function differing(context: GitContext, tree: string, paths: readonly RawPath[]): Promise<ReadonlySet<RawPath>> {
  const wanted = new Set(paths);
  const staged = splitNul(await context.git.ask({ cwd: tree, args: ['ls-files', '--stage', '-z'] }, stdoutBytes));
  const entries = staged.flatMap(line => {
    const [, mode = '', oid = '', path = ''] = /^(\d+) (\S+) 0\t([\s\S]*)$/.exec(line) ?? [];
    return wanted.has(path) ? [{ mode, oid, path } satisfies { mode: string; oid: Oid; path: RawPath }] : [];
  });
  const input = bytesOf(entries.map(({ mode, oid, path }) => `${mode} ${oid}\t${path}\0`).join(''));
  return withOwnIndex(context, null, async env => {
    await context.git.text({ cwd: tree, args: ['update-index', '-z', '--index-info'], env, input });
    const ask = async (which: string) =>
      splitNul(await context.git.ask({ cwd: tree, args: ['ls-files', which, '-z'], env }, stdoutBytes));
    const gone = new Set(await ask('--deleted'));
    return new Set((await ask('--modified')).filter(path => !gone.has(path)));
  });
}

/** What is to be said of such a file. */
export function hiddenBy(flag: HidingFlag): string {
  return `has changes that git status does not show (${flag})`;
}

/** What makes git look at such a file again, so that it can be committed or moved away. */
export function lookAgain(flag: HidingFlag, path: string, tree: string): string {
  return `run git update-index --no-${flag} ${escapePath(path)} in ${escapePath(tree)}, then commit it or move it away`;
}
