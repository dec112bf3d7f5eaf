import type { Action, ActionContext, ActionGroup, ScreenEvent, ScreenName, ViewAct, ViewName } from './action.ts';
import { always } from './conditions.ts';

/** Full-screen views: they scroll, and keys for the selected item work in them too. */
export const pages: readonly ViewName[] = [
  'log',
  'diff',
  'review',
  'details',
  'timeline',
  'events',
  'help',
  'question',
  'compare',
  'settings',
];
export const everywhere: readonly ViewName[] = ['overview', ...pages];
/** Views of one item or run. */
export const ofItem: readonly ViewName[] = ['overview', 'log', 'diff', 'details'];
export const questions: readonly ViewName[] = ['confirm', 'clean', 'redo'];
const scrolls: readonly ViewName[] = [...everywhere, 'clean'];

/** Defaults: no hint, always available, in every view. */
type Extra = Partial<Pick<Action, 'hint' | 'enabled' | 'views' | 'only'>>;

/** An action that the view itself performs. */
export function viewAction(
  group: ActionGroup,
  id: string,
  keys: string,
  title: string,
  does: ViewAct,
  extra: Extra = {},
): Action {
  return make(group, id, keys, title, () => ({ type: 'view', act: does }), { views: scrolls, ...extra });
}

/** An action that opens a view. */
export function open(
  group: ActionGroup,
  id: string,
  keys: string,
  title: string,
  screen: ScreenName,
  extra: Extra,
): Action {
  return make(group, id, keys, title, () => ({ type: 'open', screen }), extra);
}

/** One action; `keys` are separated by spaces. */
export function make(
  group: ActionGroup,
  id: string,
  keys: string,
  title: string,
  event: (context: ActionContext, key: string) => ScreenEvent,
  extra: Extra = {},
): Action {
  return {
    id,
    title,
    group,
    event,
    keys: keys.split(' '),
    hint: extra.hint ?? null,
    views: extra.views ?? everywhere,
    enabled: extra.enabled ?? always,
    ...(extra.only === undefined ? {} : { only: extra.only }),
  };
}
