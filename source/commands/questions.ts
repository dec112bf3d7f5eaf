import { canMoveBack } from '../coordinator/landing/undo.ts';
import type { ActionContext, ScreenEvent } from './action.ts';
import { cleanOnes, undoTarget } from './conditions.ts';

/** The id by which commands name what is selected: an instance by its run, an item by its id. */
export function idOf({ instance, item }: ActionContext): string {
  return instance?.runId ?? item?.id ?? '';
}

/** Asks before an agent is ended. */
export function cancelQuestion(context: ActionContext): ScreenEvent {
  const { instance } = context;
  const commits = instance?.commits ?? 0;
  return {
    type: 'confirm',
    title: `Cancel ${instance?.key ?? ''}?`,
    lines: [
      'Its agent and every process that it started are ended.',
      `The worktree and its branch stay as they are${commits > 0 ? `, with ${commits} commit${commits === 1 ? '' : 's'}` : ''}.`,
    ],
    command: { type: 'cancel', id: idOf(context) },
  };
}

/** Lists what would land, and asks. */
export function approveAllQuestion({ state }: ActionContext): ScreenEvent {
  const clean = cleanOnes(state);
  return {
    type: 'confirm',
    title: `Land ${clean.length} branch${clean.length === 1 ? '' : 'es'} on ${state.target ?? 'the target'}?`,
    lines: clean.map(
      one =>
        `${one.key} ${one.branchName} at ${(one.head ?? '').slice(0, 10)}, ${one.files.length} file${one.files.length === 1 ? '' : 's'}, predicted clean`,
    ),
    command: { type: 'approve-all' },
  };
}

/** The ways on for a run that has ended. */
export function redo(context: ActionContext, how: 'retry' | 'go-on' | 'rebuild' | 'reject'): ScreenEvent {
  const id = idOf(context);
  if (how === 'retry') return { type: 'send', command: { type: 'retry', id } };
  if (how === 'go-on') return { type: 'send', command: { type: 'retry', id, inPlace: true } };
  if (how === 'reject') return { type: 'send', command: { type: 'reject', id, reason: 'rejected by the user' } };
  const head = context.instance?.head ?? null;
  return { type: 'send', command: { type: 'approve', id, ...(head === null ? {} : { head }), by: 'user' } };
}

/** Says what landing was paused for, which a yes accepts. */
export function resumeQuestion({ state }: ActionContext): ScreenEvent {
  const reasons = (state.queuePaused ?? '').split('; ').filter(reason => !reason.startsWith('nothing lands until'));
  return {
    type: 'confirm',
    title: 'Let landing go on?',
    lines: ['It was paused for this, which your yes accepts:', ...reasons],
    command: { type: 'resume-queue', ...(state.queuePaused === null ? {} : { reason: state.queuePaused }) },
  };
}

/** Says which way the landing is taken back, and asks. */
export function undoQuestion({ state, instance }: ActionContext): ScreenEvent {
  const one = undoTarget(state, instance);
  const key = one?.key ?? '';
  const target = one?.target ?? 'the target';
  const base = one?.merge.candidate?.base.slice(0, 10) ?? '';
  const lines =
    one !== null && canMoveBack(one, state)
      ? [
          `${target} goes back to ${base}, and your checkout with it; your uncommitted changes stay.`,
          'What landed stays pinned, and its branch waits for a new yes.',
        ]
      : [
          `Others have built on ${target} since, so a branch is made that takes ${key} back.`,
          'It is looked at, approved and landed like any other.',
        ];
  return {
    type: 'confirm',
    title: `Undo the landing of ${key}?`,
    lines,
    command: { type: 'undo', ...(one === null ? {} : { id: one.runId }) },
  };
}
