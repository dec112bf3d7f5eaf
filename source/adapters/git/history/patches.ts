import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { isOid } from '../plumbing/refs.ts';

/** A commit of the target, as far as it changes the paths of a branch. */
export interface TargetCommit {
  readonly oid: Oid;
  /** What it changes in these paths, as git's patch id; a merge beside its first parent. */
  readonly patch: string;
  /** Author and the time of writing, which a copy of a commit keeps. */
  readonly author: string;
  readonly parents: number;
  /** The head of which it is the landing, by its own words; empty: it says nothing. */
  readonly trailer: string;
}

export interface Patches {
  /** Newest first. */
  readonly commits: readonly TargetCommit[];
  /** The patch id of all that the branch changes, and of undoing it. */
  readonly all: string;
  readonly reverse: string;
  /** The same of the branch's own commits, oldest first; merges change nothing of their own. */
  readonly own: readonly { readonly patch: string; readonly reverse: string }[];
  readonly head: Pick<TargetCommit, 'author'>;
  /** It changes binary files, of which a patch id tells less. */
  readonly isBinary: boolean;
}

/** A command line has an end; all paths are meant where there are too many to name. */
export function few(paths: readonly string[]): readonly string[] {
  return paths.length > 500 ? [] : paths;
}

/** Bytes of patches that are read: what is larger is not compared. */
const maxBytes = 32 * 1024 * 1024;

const patch = [
  '--patch',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--full-index',
  '--ignore-submodules=none',
  '--submodule=short',
  '--unified=3',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--diff-algorithm=myers',
] as const;

/** The same as it would be undone. Git swaps the prefixes too, and a patch id knows them apart. */
const undoing = [...patch, '-R', '--src-prefix=b/', '--dst-prefix=a/'] as const;

/** Author, time of writing, parents and trailer of a commit, none of which can begin a line of its own. */
const format = 'commit %H%nabout %an <%ae> %at%x00%P%x00%(trailers:key=Cm-Head,valueonly,only,unfold,separator=%x2C)';

/** The changes of a branch, and those of the target since the branch left it, in a form that can be compared; null: too large. */
export async function patchesOf(
  context: GitContext,
  {
    fork,
    head,
    tip,
    paths,
  }: { readonly fork: Oid; readonly head: Oid; readonly tip: Oid; readonly paths: readonly string[] },
): Promise<Patches | null> {
  const log = ['log', `--format=${format}`, ...patch];
  const own = ['--no-merges', '--reverse', head, `^${tip}`, '--', ...few(paths)];
  const [theirs, ours, undone, forth, back] = await Promise.all([
    read(context, [...log, '--first-parent', '--diff-merges=first-parent', tip, `^${fork}`, '--', ...few(paths)]),
    read(context, [...log, ...own]),
    read(context, ['log', `--format=${format}`, ...undoing, ...own]),
    read(context, ['diff', ...patch, fork, head, '--']),
    read(context, ['diff', ...undoing, fork, head, '--']),
  ]);
  if (theirs === null || ours === null || undone === null || forth === null || back === null) return null;
  const [targets, mine, mineUndone, all, reverse] = await Promise.all([
    idsOf(context, theirs),
    idsOf(context, ours),
    idsOf(context, undone),
    idsOf(context, `commit ${head}\n${forth}`),
    idsOf(context, `commit ${head}\n${back}`),
  ]);
  return {
    commits: aboutsOf(theirs).map(one => ({ ...one, patch: targets.get(one.oid) ?? '' })),
    all: all.get(head) ?? 'none',
    reverse: reverse.get(head) ?? 'none',
    own: aboutsOf(ours).flatMap(({ oid }) => {
      const id = mine.get(oid);
      return id === undefined ? [] : { patch: id, reverse: mineUndone.get(oid) ?? 'none' };
    }),
    head: { author: aboutsOf(ours).at(-1)?.author ?? '' },
    isBinary: /^(Binary files |GIT binary patch)/m.test(forth),
  };
}

/** One character for each byte; null: more than we read. */
async function read(context: GitContext, args: readonly string[]): Promise<string | null> {
  const call = { cwd: context.home, args, maxBytes };
  const answer = await context.git.ask(call, ({ code, stdout, truncated }) => {
    if (truncated) return { text: null };
    return code === 0 ? { text: stdout.toString('latin1') } : undefined;
  });
  return answer.text;
}

/** Commit → patch id. */
async function idsOf(context: GitContext, text: string): Promise<ReadonlyMap<Oid, string>> {
  const call = { cwd: context.home, args: ['patch-id', '--stable'], input: Buffer.from(text, 'latin1') };
  const ids = new Map<Oid, string>();
  for (const line of (await context.git.text(call)).split('\n')) {
    const [id = '', oid = ''] = line.split(' ');
    if (isOid(oid)) ids.set(oid, id);
  }
  return ids;
}

/** What the log says of each commit beside its patch. Lines of a patch begin with a sign or a blank, or with words of git's own. */
function aboutsOf(text: string): Omit<TargetCommit, 'patch'>[] {
  const found = text.matchAll(/^commit ([0-9a-f]{40,64})\nabout ([^\0\n]*)\0([^\0\n]*)\0([^\0\n]*)$/gm);
  return [...found].map(([, oid = '', author = '', parents = '', trailer = '']) => {
    return { oid, author, parents: parents === '' ? 0 : parents.split(' ').length, trailer: trailer.trim() };
  });
}
