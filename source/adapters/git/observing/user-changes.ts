import { messageOf } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import { holdsBranch, isLoss, isTransient, type RefMove, type UserChange } from '../../../domain/user-work/changes.ts';
import {
  branchOfEntry,
  type Difference,
  differences,
  type RunNames,
  type StashEntry,
  type UserWork,
} from '../../../domain/user-work/look.ts';
import type { EndedRun } from '../../../ports/outside.ts';
import { lostFiles } from '../checkout/lost-files.ts';
import { type GitContext, isAncestor } from '../context.ts';
import { splitNul } from '../plumbing/parse.ts';
import { branchRef, isOid } from '../plumbing/refs.ts';
import { lostEntry } from './stash-content.ts';
import { keepLost } from './user-pins.ts';
import { readUserWork } from './user-work.ts';

/** Refs of a kind that are looked into one by one; a fetch can move thousands. */
const closeLimit = 50;

/**
 * What has become of the user's work since `before` was written down, as git tells it. What is lost is pinned before this returns. Throws
 * where git cannot tell.
 */
export async function userChanges(
  context: GitContext,
  before: UserWork,
  run: EndedRun,
  runs: RunNames,
): Promise<readonly UserChange[]> {
  const now = await readUserWork(context);
  // What came into the stash and left it again shows in neither look.
  const stash = [...before.stash, ...run.seen.filter(entry => isForeign(entry, run))];
  const { close, rest } = sorted(differences({ ...before, stash }, now, runs));
  const look: Look = { context, now, run, runs, head: now.refs[branchRef(run.branchName)] ?? null };
  const changes: UserChange[] = [];
  for (const difference of close) changes.push(await explain(look, difference));
  for (const [path, saved] of Object.entries(run.saved)) {
    if (saved === null || now.trees[path]?.there !== true) continue;
    const files = await lostFiles(context, path, saved);
    if (files !== null) changes.push(files);
  }
  const shown = changes.filter(change => change.what !== 'stash-lost' || !change.ofRun || holdsBranch(change));
  const problem = await keepLost(
    context,
    shown.filter(one => isLoss(one) || holdsBranch(one)).flatMap(lostObjects),
  ).catch(messageOf);
  return [...shown, ...rest, ...(problem === undefined ? [] : [notKept(problem)])];
}

/** The commands that restore it work until git collects what nothing names. */
function notKept(problem: string): UserChange {
  return {
    what: 'many',
    text: `what was lost could not be pinned (${problem}): restore it before git collects garbage`,
  };
}

/** Not made by the run itself on its own branch. */
function isForeign(entry: StashEntry, { branchName }: EndedRun): boolean {
  return branchOfEntry(entry) !== branchName;
}

interface Look {
  readonly context: GitContext;
  readonly now: UserWork;
  readonly run: EndedRun;
  readonly runs: RunNames;
  readonly head: Oid | null;
}

/** Losses can hide only among what is not transient: of that nothing is left out. */
function sorted(found: readonly Difference[]): {
  readonly close: readonly Difference[];
  readonly rest: readonly UserChange[];
} {
  const isPassing = (one: Difference) => one.what === 'ref' && isTransient(one.ref);
  const passing = found.filter(isPassing);
  const lasting = found.filter(one => !isPassing(one));
  const more = passing.length - closeLimit;
  return {
    close: [...lasting, ...passing.slice(0, closeLimit)],
    rest: more > 0 ? [{ what: 'many', text: `${more} more refs of remotes and other programs changed` }] : [],
  };
}

async function explain(look: Look, difference: Difference): Promise<UserChange> {
  switch (difference.what) {
    case 'stash-lost':
      return lostEntry(look.context, difference.entry, {
        base: look.run.base,
        head: look.head,
        trees: Object.fromEntries(userTrees(look).map(path => [path, look.run.dirty[path] ?? []])),
        runs: look.runs,
      });
    case 'stash-added':
      return { what: 'stash-added', ...difference.entry };
    case 'tree-removed': {
      const { branch, head } = difference.tree;
      return {
        what: 'tree-removed',
        path: difference.path,
        branch,
        head,
        saved: look.run.saved[difference.path] ?? null,
      };
    }
    case 'tree-switched': {
      const { from, to } = difference;
      return {
        what: 'tree-switched',
        path: difference.path,
        from: from.branch ?? from.head ?? 'nothing',
        to: to.branch ?? to.head ?? 'nothing',
      };
    }
    case 'ref':
      return explainRef(look, difference);
  }
}

async function explainRef(look: Look, { ref, from, to }: Extract<Difference, { what: 'ref' }>): Promise<UserChange> {
  const pushed = to !== null && ref.startsWith('refs/remotes/') && (await wasPushed(look, ref));
  if (from === null) return { what: 'created', ref, oid: to ?? '', pushed };
  if (to === null) return { what: 'deleted', ref, oid: from, elsewhere: await isElsewhere(look, from) };
  const checkedOut = treeOf(look, ref);
  const atRun = !isTransient(ref) && (await isUnlandedWork(look, to));
  const move = await moveBetween(look, { from, to, checkedOut });
  return { what: 'moved', ref, from, to, move, pushed, atRun, checkedOut };
}

/** Git itself notes in the log of a remote's branch whether it moved by a fetch or by a push. */
async function wasPushed({ context }: Look, ref: string): Promise<boolean> {
  const args = ['log', '-g', '-1', '--format=%gs', '--no-show-signature', '--no-patch', ref, '--'];
  const subject = await context.git.text({ cwd: context.home, args }).catch(() => '');
  return subject.startsWith('update by push');
}

/** Another ref of the user's holds it: what only a run's branch or a pin of ours holds is not theirs any more. */
async function isElsewhere({ context, runs }: Look, oid: string): Promise<boolean> {
  if (!isOid(oid)) return true;
  const except = ['refs/cm/*', ...[...runs.branches].filter(isPlain).map(name => `refs/heads/${name}`)];
  const others = [...except.map(pattern => `--exclude=${pattern}`), '--all'];
  const args = ['rev-list', '--max-count=1', '--single-worktree', oid, '--not', ...others, '--'];
  // What git cannot tell is not treated as safe.
  return (await context.git.text({ cwd: context.home, args }).catch(() => null)) === '';
}

/** No character of a pattern in it. */
function isPlain(name: string): boolean {
  return !/[*?[\]\\]/.test(name);
}

async function isUnlandedWork({ context, run, head, now }: Look, oid: string): Promise<boolean> {
  if (head === null || run.base === null || !isOid(oid)) return false;
  if (!(await isAncestor(context, oid, head)) || (await isAncestor(context, oid, run.base))) return false;
  const target = now.refs[branchRef(run.target)];
  return target === undefined || !(await isAncestor(context, oid, target));
}

async function moveBetween(
  look: Look,
  { from, to, checkedOut }: { readonly from: string; readonly to: string; readonly checkedOut: string | null },
): Promise<RefMove> {
  if (!isOid(from) || !isOid(to)) return 'replaced';
  const { context } = look;
  if (await areCommits(context, from, to)) {
    if (await isAncestor(context, from, to)) return 'forward';
    if (await isRewrittenByHand(look, { from, to, checkedOut })) return 'rewritten';
    if (await isAncestor(context, to, from)) return 'rewound';
  }
  return 'replaced';
}

/** Tags may name anything. */
async function areCommits(context: GitContext, ...oids: readonly Oid[]): Promise<boolean> {
  const call = {
    cwd: context.home,
    args: ['cat-file', '--batch-check=%(objecttype)'],
    input: `${oids.map(oid => `${oid}^{}`).join('\n')}\n`,
  };
  const types = (await context.git.text(call)).trimEnd().split('\n');
  return types.every(type => type === 'commit');
}

/** Lines of a checkout's own reflog that are searched. */
const logLimit = 200;

/**
 * By an amend or a rebase in a checkout of the user's, whose own log tells of it; or by a reset there, as long as another ref holds what
 * was reset away. Who moves a branch from elsewhere leaves nothing in that log.
 */
async function isRewrittenByHand(
  look: Look,
  { from, to, checkedOut }: { readonly from: string; readonly to: string; readonly checkedOut: string | null },
): Promise<boolean> {
  for (const path of userTrees(look)) {
    const args = ['log', '-g', `-${logLimit}`, '--format=%H%x00%gs', '-z', '--no-show-signature', '--no-patch', 'HEAD'];
    const text = await look.context.git.text({ cwd: path, args: [...args, '--'] }).catch(() => null);
    if (text === null) continue;
    const fields = splitNul(text);
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [oid, subject = ''] = [fields[at], fields[at + 1]];
      if (oid !== to) continue;
      if (/^(commit \(amend\)|rebase|pull --rebase|pull -r)/.test(subject)) return true;
      if (path === checkedOut && subject.startsWith('reset:')) return isElsewhere(look, from);
    }
  }
  return false;
}

function userTrees({ now, runs }: Look): readonly string[] {
  return Object.entries(now.trees).flatMap(([path, { there }]) => (there && !runs.worktrees.has(path) ? [path] : []));
}

function treeOf(look: Look, ref: string): string | null {
  return userTrees(look).find(path => `refs/heads/${look.now.trees[path]?.branch}` === ref) ?? null;
}

function lostObjects(change: UserChange): readonly Oid[] {
  switch (change.what) {
    case 'stash-lost':
    case 'deleted':
      return [change.oid];
    case 'moved':
      return [change.from];
    case 'files':
      return [change.saved];
    case 'tree-removed':
      return [change.head, change.saved].filter(oid => oid !== null);
    case 'stash-added':
    case 'created':
    case 'tree-switched':
    case 'many':
      return [];
  }
}
