import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { GitFailure } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { trialMerge } from '../landing/merge-tree.ts';
import { splitNul } from '../plumbing/parse.ts';
import { isOid } from '../plumbing/refs.ts';
import { makeCommit } from '../plumbing/write-commit.ts';

export type ReplayedCommits =
  /** Nothing names the new commits yet. */
  | { readonly outcome: 'made'; readonly head: Oid; readonly tree: Oid; readonly count: number }
  | { readonly outcome: 'conflict'; readonly oid: Oid; readonly subject: string; readonly paths: readonly string[] }
  /** A merge among them holds what neither of its sides has; nobody can tell how to make that again. */
  | { readonly outcome: 'own-merge'; readonly oid: Oid; readonly subject: string };

interface Pick {
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: { readonly name: string; readonly email: string; readonly date: string };
  readonly subject: string;
  readonly message: string;
}

/** A commit with its tree. */
interface Tip {
  readonly oid: Oid;
  readonly tree: Oid;
}

/**
 * Replays commits of a branch onto `onto`, as `git rebase --onto` would: one after the other, with author, date and message. What is there
 * already is left out, and so are merges that merely bring two sides together; a commit that was empty from the start stays. No work tree,
 * index, hook, editor or setting of rebase has a part in it, so that it can be cut off anywhere and nothing has changed.
 */
export async function replayCommits(
  context: GitContext,
  {
    own,
    head,
    onto,
    sign = false,
  }: { readonly own: readonly Oid[]; readonly head: Oid; readonly onto: Oid; readonly sign?: boolean },
): Promise<ReplayedCommits> {
  const picks = await picksOf(context, { own: new Set(own), head, onto });
  for (const { oid, tree, parents, subject } of picks) {
    if (parents.length > 1 && !(await isPlainMerge(context, parents, tree)))
      return { outcome: 'own-merge', oid, subject };
  }
  const singles = picks.filter(({ parents }) => parents.length < 2);
  const trees = await treesOf(context, [onto, ...singles.flatMap(({ parents }) => parents)]);
  const empty = singles.some(({ parents }) => parents.length === 0) ? await emptyTree(context) : '';
  const treeOf = (oid: Oid | undefined) => (oid === undefined ? empty : (trees.get(oid) ?? ''));
  let tip: Tip = { oid: onto, tree: treeOf(onto) };
  let count = 0;
  for (const pick of singles) {
    const before = treeOf(pick.parents[0]);
    const merged = await applied(context, { before, after: pick.tree, to: tip.tree });
    if ('paths' in merged) return { outcome: 'conflict', oid: pick.oid, subject: pick.subject, paths: merged.paths };
    if (merged.tree === tip.tree && pick.tree !== before) continue;
    const { message, author } = pick;
    const oid = await commit(context, { tree: merged.tree, parents: [tip.oid], message, author, sign });
    tip = { oid, tree: merged.tree };
    count += 1;
  }
  return { outcome: 'made', head: tip.oid, tree: tip.tree, count };
}

/** The commits to replay, oldest first; those of which `onto` holds a copy are left out. */
async function picksOf(
  context: GitContext,
  { own, head, onto }: { readonly own: ReadonlySet<Oid>; readonly head: Oid; readonly onto: Oid },
): Promise<readonly Pick[]> {
  const args = ['rev-list', '--topo-order', '--reverse', '--cherry-pick', '--right-only', `${onto}...${head}`, '--'];
  const listed = (await context.git.text({ cwd: context.home, args })).split('\n').filter(oid => own.has(oid));
  if (listed.length === 0) return [];
  const fields = ['%H', '%T', '%P', '%an', '%ae', '%ad', '%s', '%B'].join('%x00');
  const text = await context.git.text({
    cwd: context.home,
    args: ['log', ...plainLog, '--encoding=UTF-8', '--date=raw', `--format=${fields}`, '--stdin'],
    input: `${listed.join('\n')}\n`,
  });
  const parts = text.split('\0');
  return listed.map((oid, at): Pick => {
    const [found, tree = '', parents = '', name = '', email = '', date = '', subject = '', message = ''] = parts.slice(
      8 * at,
    );
    if (found !== oid || !isOid(tree)) throw new GitFailure(`Could not read the commit ${oid}; try again.`, 3);
    const author = { name, email, date };
    return {
      oid,
      tree,
      parents: parents.split(' ').filter(isOid),
      author,
      subject: sanitizeLine(subject, 100),
      message,
    };
  });
}

const plainLog = ['--no-walk=unsorted', '-z', '--no-show-signature', '--no-patch', '--no-notes', '--no-mailmap'];

/** A merge of two sides that git makes by itself, and that nobody has added anything to. */
async function isPlainMerge(context: GitContext, parents: readonly Oid[], tree: Oid): Promise<boolean> {
  const [one, other, ...more] = parents;
  if (one === undefined || other === undefined || more.length > 0) return false;
  const merge = await trialMerge(context, one, other);
  if (merge.outcome === 'unknown') throw new GitFailure(merge.message, 3);
  return merge.outcome === 'clean' && merge.tree === tree;
}

async function treesOf(context: GitContext, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, Oid>> {
  const text = await context.git.text({
    cwd: context.home,
    args: ['log', ...plainLog, '--format=%H%x00%T', '--stdin'],
    input: `${[...new Set(oids)].join('\n')}\n`,
  });
  const fields = splitNul(text);
  return new Map(fields.flatMap((oid, at) => (at % 2 === 0 ? [[oid, fields[at + 1] ?? ''] as const] : [])));
}

async function emptyTree(context: GitContext): Promise<Oid> {
  return (await context.git.text({ cwd: context.home, args: ['mktree'], input: '' })).trim();
}

/** The tree `to` with what has changed from `before` to `after`. */
async function applied(
  context: GitContext,
  { before, after, to }: { readonly before: Oid; readonly after: Oid; readonly to: Oid },
): Promise<{ readonly tree: Oid } | { readonly paths: readonly string[] }> {
  if (before === to) return { tree: after };
  if (before === after) return { tree: to };
  // Git 2.38 merges commits alone: these two part at the tree before the change.
  const fork = await commit(context, { tree: before, parents: [], message: 'before' });
  const [ours, theirs] = await Promise.all(
    [to, after].map(tree => commit(context, { tree, parents: [fork], message: 'after' })),
  );
  const merge = await trialMerge(context, ours ?? '', theirs ?? '');
  if (merge.outcome === 'unknown') throw new GitFailure(merge.message, 3);
  return merge.outcome === 'clean' ? { tree: merge.tree } : { paths: merge.paths };
}

async function commit(context: GitContext, request: Parameters<typeof makeCommit>[1]): Promise<Oid> {
  const made = await makeCommit(context, request);
  if ('problem' in made) throw new GitFailure(made.problem, 3);
  return made.oid;
}
