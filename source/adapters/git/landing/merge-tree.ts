import type { Oid } from '../../../domain/ids.ts';
import type { Prediction } from '../../../ports/git.ts';
import { type GitCall, GitFailure, type GitOutput, gitReason } from '../calls/answers.ts';
import { type GitContext, tipOf } from '../context.ts';
import { branchRef, isOid } from '../plumbing/refs.ts';
import { withAttributesOf } from '../target/attributes.ts';

/** Result of merging two commits without a work tree. */
export type TrialMerge =
  | {
      readonly outcome: 'clean';
      readonly tree: Oid /** The tree is that of `ours`: there is nothing to merge. */;
      readonly empty: boolean;
    }
  | {
      readonly outcome: 'conflict';
      readonly paths: readonly string[];
      /** What is merged so far; files that conflict hold both sides. */
      readonly tree: Oid;
    }
  | { readonly outcome: 'unknown'; readonly message: string };

/**
 * Merges `theirs` into `ours` without a work tree; the merged tree is on disk when it returns. `merge-tree` ends with 0 for a clean merge
 * and 1 for a conflict, but git 2.39 also ends with 1 for a commit it cannot read; only a tree id at the head of the output proves that it
 * merged at all.
 */
export async function trialMerge(context: GitContext, ours: Oid, theirs: Oid): Promise<TrialMerge> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', ours, theirs];
  const own = ['rev-parse', '--verify', '--end-of-options', `${ours}^{tree}`];
  const [merge, tree] = await Promise.all([
    askMerge(context, { cwd: context.home, args, durable: true }, ours, theirs),
    context.git.text({ cwd: context.home, args: own }),
  ]);
  return merge.outcome === 'clean' ? { ...merge, empty: tree.trim() === merge.tree } : merge;
}

/**
 * A trial merge by `merge-tree --write-tree -z --name-only --messages`; that there was nothing to merge it does not say. Where files were merged
 * that both sides changed, the attributes of `ours` count, which need not be those of the user's checkout.
 */
export async function askMerge(context: GitContext, call: GitCall, ours: Oid, theirs: Oid): Promise<TrialMerge> {
  let merged: readonly string[] = [];
  const read = (output: GitOutput) => {
    merged = mergedPaths(output);
    return readMerge(context, output, ours, theirs);
  };
  try {
    const here = await context.git.ask(call, read);
    if (merged.length === 0) return here;
    const again = { commit: ours, paths: merged, call };
    return (await withAttributesOf(context, again, there => context.git.ask(there, read))) ?? here;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return { outcome: 'unknown', message: error.message };
  }
}

function readMerge(context: GitContext, output: GitOutput, ours: Oid, theirs: Oid): TrialMerge | undefined {
  const [tree = '', ...rest] = output.stdout.toString('utf8').split('\0');
  if ((output.code !== 0 && output.code !== 1) || !isOid(tree)) {
    if (!/unrelated histories/.test(output.stderr)) return undefined;
    const fix = context.cutOff
      ? 'this is a shallow clone, run git fetch --unshallow'
      : 'the branch shares no commit with the target';
    return { outcome: 'unknown', message: `The trial merge failed: ${gitReason(output)}; ${fix}.` };
  }
  if (output.code === 0) return { outcome: 'clean', tree, empty: false };
  const end = rest.indexOf('');
  const paths = rest.slice(0, end < 0 ? rest.length : end);
  const named = paths.length > 0 ? paths : conflictMessages(end < 0 ? [] : rest.slice(end + 1));
  // A file that has to give way to a folder gets the commit's id behind its name; a person knows it by its own.
  const aside = new RegExp(`~(${ours}|${theirs})(_\\d+)?$`);
  return { outcome: 'conflict', tree, paths: [...new Set(named.map(path => path.replace(aside, '')))].sort() };
}

/** Some conflicts leave no conflicted entry behind; their paths stand in the messages. */
function conflictMessages(fields: readonly string[]): string[] {
  return messagesIn(fields).flatMap(({ kind, paths }) => (kind.startsWith('CONFLICT') ? paths : []));
}

/** Every path of which git has something to say: among them are all that it merged by their content. */
function mergedPaths({ stdout }: GitOutput): readonly string[] {
  const [, ...rest] = stdout.toString('utf8').split('\0');
  const end = rest.indexOf('');
  return end < 0 ? [] : messagesIn(rest.slice(end + 1)).flatMap(({ paths }) => paths);
}

/** What git says of paths: count, that many paths, kind, text. */
function messagesIn(fields: readonly string[]): { readonly kind: string; readonly paths: readonly string[] }[] {
  const messages: { readonly kind: string; readonly paths: readonly string[] }[] = [];
  let at = 0;
  while (at < fields.length) {
    const count = Number(fields[at]);
    if (!Number.isSafeInteger(count) || count < 1) break;
    messages.push({ kind: fields[at + count + 1] ?? '', paths: fields.slice(at + 1, at + 1 + count) });
    at += count + 3;
  }
  return messages;
}

/** Would `head` merge into the target as it is now? */
export async function predict(context: GitContext, target: string, head: Oid): Promise<Prediction> {
  const base = await tipOf(context, branchRef(target));
  if (base === null) return { outcome: 'unknown', message: `The target branch ${target} does not exist.` };
  const merge = await trialMerge(context, base, head);
  switch (merge.outcome) {
    case 'clean':
      return merge.empty ? { outcome: 'empty', base, head } : { outcome: 'clean', base, head, tree: merge.tree };
    case 'conflict':
      return { outcome: 'conflict', base, head, paths: merge.paths };
    case 'unknown':
      return merge;
  }
}
