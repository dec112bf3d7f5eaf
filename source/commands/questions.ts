import { canMoveBack } from '../coordinator/landing/undo.ts';
import { isAlive } from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import { readingsAtWork } from '../domain/review/reading.ts';
import { widerScope } from '../domain/scope/set-scopes.ts';
import { landsOn, runsBelow } from '../domain/stack/standing.ts';
import { countOf } from '../domain/text/count.ts';
import type { ActionContext, ScreenEvent } from './action.ts';
import { cleanBranches, undoTarget } from './conditions.ts';

/** The id that commands use for the selection: the run id of a run, else the item id. */
export function idOf({ instance, item }: ActionContext): string {
  return instance?.runId ?? item?.id ?? '';
}

/** Asks before an agent is stopped, or an ad-hoc item that has not started is removed. */
export function cancelQuestion(context: ActionContext): ScreenEvent {
  const { instance, item } = context;
  if (instance === null && item !== null) return removeQuestion(item);
  if (instance !== null && !isAlive(instance.state) && readingsAtWork(instance).length > 0)
    return {
      type: 'confirm',
      title: `Stop the review of ${instance.key} by an agent?`,
      lines: ['Ends that agent and every process it started.', 'The work stays ready for your review.'],
      command: { type: 'cancel', id: idOf(context) },
    };
  const commits = instance?.commits ?? 0;
  return {
    type: 'confirm',
    title: `Cancel ${instance?.key ?? ''}?`,
    lines: [
      'Ends its agent and every process the agent started.',
      `Keeps its worktree and branch${commits > 0 ? ` with ${countOf(commits, 'commit')}` : ''}.`,
    ],
    command: { type: 'cancel', id: idOf(context) },
  };
}

function removeQuestion({ key, title, prompt, id }: Item): ScreenEvent {
  const lines = (prompt ?? '').split('\n').length;
  const lost = lines > 1 ? `Its prompt of ${lines} lines is lost.` : 'Its prompt is lost.';
  return {
    type: 'confirm',
    title: `Remove ${key}?`,
    lines: [title, `It has not started. ${lost}`],
    command: { type: 'remove-item', id },
  };
}

/** Says what a run holds before it is discarded, or brings back one that was. */
export function discardQuestion({ instance }: ActionContext): ScreenEvent {
  const { runId = '', key = '', branchName = '', head = null, commits = 0, removed } = instance ?? {};
  if (removed !== undefined) return { type: 'send', command: { type: 'restore', id: runId } };
  return {
    type: 'confirm',
    title: `Discard ${key}?`,
    lines: [
      `Removes its worktree and its branch ${branchName}${head === null ? '' : ` at ${head.slice(0, 10)}`} with ${countOf(commits, 'commit')}.`,
      'Commits and uncommitted files stay pinned for 30 days: the same key brings them back.',
      'Files that git ignores are lost.',
    ],
    command: { type: 'discard', ids: [runId] },
  };
}

/** A running agent is shown in its terminal; what one that has ended should do next is asked in a dialog. */
export function attachOrResume({ instance }: ActionContext): ScreenEvent {
  return instance === null || isAlive(instance.state) ? { type: 'attach' } : { type: 'open', screen: 'resume' };
}

/** Shows the files by which an item's scope would be wider, and asks. */
export function widenQuestion({ state, item, instance }: ActionContext): ScreenEvent {
  const paths = item === null || instance === null ? null : widerScope(item, instance, state.roadmap.path);
  const added = (paths ?? []).filter(path => item?.scope.paths.includes(path) !== true);
  return {
    type: 'confirm',
    title: `Widen the scope of ${item?.key ?? ''}?`,
    lines: ['It may then touch as well:', ...added, 'Other items with these files wait for it from now on.'],
    command: { type: 'set-scopes', scopes: [{ id: item?.id ?? '', paths: paths ?? [], dependsOn: [] }] },
  };
}

/** Lists what would land and asks. */
export function approveAllQuestion({ state }: ActionContext): ScreenEvent {
  const clean = cleanBranches(state);
  return {
    type: 'confirm',
    title: `Land ${clean.length} branch${clean.length === 1 ? '' : 'es'} on ${state.target ?? 'the target'}?`,
    lines: clean.map(
      one =>
        `${one.key} ${one.branchName} at ${(one.head ?? '').slice(0, 10)}, ${countOf(one.files.length, 'file')}, predicted clean`,
    ),
    command: { type: 'approve-all' },
  };
}

/** What can be done with a run that has ended. */
export function redo(context: ActionContext, how: 'retry' | 'resume' | 'rebuild' | 'reject'): ScreenEvent {
  const id = idOf(context);
  if (how === 'retry') return { type: 'send', command: { type: 'retry', id } };
  if (how === 'resume') return { type: 'send', command: { type: 'retry', id, inPlace: true } };
  if (how === 'reject') return { type: 'send', command: { type: 'reject', id, reason: 'rejected by the user' } };
  const head = context.instance?.head ?? null;
  return { type: 'send', command: { type: 'approve', id, ...(head === null ? {} : { head }), by: 'user' } };
}

/** Says why landing was paused; answering yes accepts exactly that. */
export function resumeQuestion({ state }: ActionContext): ScreenEvent {
  const reasons = (state.queuePaused ?? '').split('; ').filter(reason => !reason.startsWith('nothing lands until'));
  return {
    type: 'confirm',
    title: 'Resume landing?',
    lines: ['Landing was paused for the reasons below. Resuming accepts them:', ...reasons],
    command: { type: 'resume-queue', ...(state.queuePaused === null ? {} : { reason: state.queuePaused }) },
  };
}

/** Says how the landing would be undone, and asks. */
export function undoQuestion({ state, instance }: ActionContext): ScreenEvent {
  const one = undoTarget(state, instance);
  const key = one?.key ?? '';
  const target = one?.target ?? 'the target';
  const base = one?.merge.candidate?.base.slice(0, 10) ?? '';
  const lines =
    one !== null && canMoveBack(one, state)
      ? [
          `${target} returns to ${base}, and so does your checkout. Your uncommitted changes stay.`,
          'The landed commit stays pinned. Its branch needs approval again.',
        ]
      : [
          `${target} has moved on, so a revert branch is created for ${key}.`,
          'You review and land it like any other branch.',
        ];
  return {
    type: 'confirm',
    title: `Undo the landing of ${key}?`,
    lines,
    command: { type: 'undo', ...(one === null ? {} : { id: one.runId }) },
  };
}

/** Says what leaves the machine, and asks. */
export function pullRequestQuestion(context: ActionContext): ScreenEvent {
  const { key = '', target = 'the target', branchName = '' } = context.instance ?? {};
  return {
    type: 'confirm',
    title: `Open a pull request of ${key} onto ${target}?`,
    lines: [
      `${branchName} is pushed to the remote, and its pull request is opened with your login of gh or glab.`,
      `It holds the item, what the agent said of its work and the result of the checks. Nothing lands here.`,
    ],
    command: { type: 'open-pr', id: idOf(context) },
  };
}

export function commentsQuestion(context: ActionContext): ScreenEvent {
  const { key = '', pr } = context.instance ?? {};
  return {
    type: 'confirm',
    title: `Send the comments of PR #${pr?.number ?? ''} to the agent of ${key}?`,
    lines: ['They are read from the forge, and its agent resumes with them. You review the branch again.'],
    command: { type: 'send-comments', id: idOf(context) },
  };
}

/** Says what an update does, and asks. */
export function updateQuestion(context: ActionContext): ScreenEvent {
  const { key = '', target = 'the target' } = context.instance ?? {};
  return {
    type: 'confirm',
    title: `Bring ${key} up to date with ${target}?`,
    lines: [
      `Its commits are made again on the tip of ${target}, and its worktree moves along.`,
      'The old ones stay pinned; you review the branch again.',
    ],
    command: { type: 'update', id: idOf(context) },
  };
}

/** Names what the branch would bring back, and asks. */
export function replayQuestion(context: ActionContext): ScreenEvent {
  const { instance } = context;
  const { key = '', target = 'the target', branchName = '', returning } = instance ?? {};
  const below = instance === null ? undefined : runsBelow(instance, context.state.instances)[0];
  if (instance !== null && below !== undefined)
    return {
      type: 'confirm',
      title: `Replay ${key} onto ${landsOn(instance)}?`,
      lines: [
        `${branchName} is built on the branch of ${below.key}, which has not landed.`,
        'Its own commits are made again without that. The old ones stay pinned; you review the branch again.',
      ],
      command: { type: 'replay', id: idOf(context) },
    };
  const left = (returning?.count ?? 0) - (returning?.commits.length ?? 0);
  return {
    type: 'confirm',
    title: `Replay ${key} onto ${target}?`,
    lines: [
      `${branchName} still holds what was removed from ${target}:`,
      ...(returning?.commits ?? []).map(({ oid, subject }) => `  ${oid.slice(0, 10)} ${subject}`),
      ...(left > 0 ? [`  and ${left} more`] : []),
      'Its own commits are made again without them. The old ones stay pinned; you review the branch again.',
    ],
    command: { type: 'replay', id: idOf(context) },
  };
}
