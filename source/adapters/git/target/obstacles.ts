import { escapePath } from '../../../domain/text/sanitize.ts';
import { stdoutBytes } from '../calls/answers.ts';
import { untrackedInTheWay } from '../checkout/tree-conflicts.ts';
import { rawPath, readablePath } from '../checkout/user-files.ts';
import { type GitContext, tipOf } from '../context.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { branchRef } from '../plumbing/refs.ts';
import { hiddenBy, hiddenEdits, lookAgain } from './hidden-edits.ts';
import { holderOf } from './holder.ts';

/** What a branch would change on the target, as far as is known before it lands. */
export interface Upcoming {
  /** The item, as a person knows it. */
  readonly key: string;
  readonly files: readonly { readonly path: string; readonly change: string }[];
}

/** What would keep work from landing on a target, each one sentence with its fix. */
export interface Obstacles {
  /** Nothing can land on it; null: it can be moved. */
  readonly target: string | null;
  /** What stands in the way of single items. */
  readonly items: readonly string[];
}

/**
 * What is in the way of a landing now: a target that cannot be moved, and files of the checkout which has it that a branch is going to change and
 * that hold something of the user's. Changes nothing. A target that does not exist has no obstacles of this kind.
 */
export async function landingObstacles(
  context: GitContext,
  target: string,
  upcoming: readonly Upcoming[],
): Promise<Obstacles> {
  if ((await tipOf(context, branchRef(target))) === null) return { target: null, items: [] };
  const holder = await holderOf(context, target);
  if (holder.kind === 'in-use') return { target: holder.message, items: [] };
  if (holder.kind === 'nobody' || upcoming.every(({ files }) => files.length === 0)) return { target: null, items: [] };
  const { tree } = holder;
  const edited = await editedFiles(holder.context, tree);
  const items = upcoming.flatMap(({ key, files }) => {
    const found = files.find(({ path }) => edited.has(path));
    if (found !== undefined) return [sentence(key, found.path, tree, edited.get(found.path) ?? unsaved)];
    const added = files.filter(({ change }) => change === 'A').map(({ path }) => path);
    const [rival] = untrackedInTheWay(tree, added.map(addition));
    return rival === undefined ? [] : [sentence(key, readablePath(rival), tree, untracked)];
  });
  return { target: null, items };
}

/** What is the matter with a file, and what to do about it. */
interface Edit {
  readonly what: string;
  readonly fix: string;
}

const unsaved: Edit = { what: 'has uncommitted changes', fix: 'commit it or move it away' };
const untracked: Edit = { ...unsaved, what: 'is not tracked' };

function sentence(key: string, path: string, tree: string, { what, fix }: Edit): string {
  return `${key} cannot land while ${escapePath(path)} in ${escapePath(tree)} ${what}; ${fix}.`;
}

function addition(path: string) {
  const none = '0'.repeat(40);
  return {
    path: rawPath(path),
    change: 'A',
    oldMode: '000000',
    newMode: '100644',
    oldOid: none,
    newOid: none,
  } as const;
}

/** Files that the user has changed, with what is to be said of each; also those of which git was asked not to look. */
async function editedFiles(context: GitContext, tree: string): Promise<ReadonlyMap<string, Edit>> {
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames'];
  const { tracked } = parseStatus(await context.git.ask({ cwd: tree, args }, stdoutBytes));
  const edited = new Map(tracked.map(path => [readablePath(path), unsaved]));
  for (const [path, flag] of await hiddenEdits(context, tree)) {
    const name = readablePath(path);
    edited.set(name, { what: hiddenBy(flag), fix: lookAgain(flag, name, tree) });
  }
  return edited;
}
