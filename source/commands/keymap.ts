import { nearest } from '../domain/text/nearest.ts';
import type { Action, ActionContext, ViewName } from './action.ts';
import { actions } from './actions.ts';
import { replaceMarks } from './key-words.ts';

/** The actions with the keys in force, and what is wrong with the `keys` setting. */
export interface Keymap {
  readonly actions: readonly Action[];
  /** One sentence each. */
  readonly errors: readonly string[];
  /** The same by action. */
  readonly problems: readonly { readonly id: string; readonly why: string }[];
}

const named = new Set(
  'enter esc tab shift+tab space up down left right home end pgup pgdn backspace delete insert'.split(' '),
);

/** True for a key that the screen can receive: one character, `ctrl+x`, or a named key (`enter`, `pgdn`, …). */
export function isKeyName(key: string): boolean {
  if ([...key].length === 1) return key > ' ' && key !== '\x7f';
  return named.has(key) || /^ctrl\+[a-z]$/.test(key);
}

/**
 * Replaces built-in keys by the user's. An action whose setting is wrong (unknown action, unknown key, a key taken by another action
 * of the same view) keeps its own keys, and an error says so.
 */
export function resolveKeys(setting: Readonly<Record<string, readonly string[]>>): Keymap {
  const problems: { id: string; why: string }[] = [];
  const known = new Map(actions.map(action => [action.id, action]));
  let current: readonly Action[] = actions;
  for (const [id, keys] of Object.entries(setting)) {
    const action = known.get(id);
    const problem = action === undefined ? unknownAction(id) : problemOf(action, keys, current, setting);
    if (problem === null) current = current.map(one => (one.id === id ? { ...one, keys } : one));
    else problems.push({ id, why: problem });
  }
  const errors = problems.map(({ id, why }) => `Setting keys.${id} ignored: ${why}.`);
  return { actions: current, errors, problems };
}

function unknownAction(id: string): string {
  const near = nearest(
    id,
    actions.map(action => action.id),
  );
  return `unknown action "${id}"${near === null ? '' : ` (did you mean "${near}"?)`}`;
}

/** True for what the setting `keys` can be: lists of keys by action. */
export function isKeySetting(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(keys => Array.isArray(keys) && keys.every(key => typeof key === 'string'));
}

function problemOf(
  action: Action,
  keys: readonly string[],
  current: readonly Action[],
  setting: Readonly<Record<string, readonly string[]>>,
): string | null {
  if (keys.length === 0) return 'the list is empty';
  const bad = keys.find(key => !isKeyName(key));
  if (bad !== undefined) return `"${bad}" is not a valid key`;
  for (const other of current) {
    // Where one of the two has the key only sometimes, it goes first.
    if ((other.only === undefined) !== (action.only === undefined)) continue;
    if (other.id === action.id || !other.views.some(view => action.views.includes(view))) continue;
    const taken = (setting[other.id] ?? other.keys).find(key => keys.includes(key));
    if (taken !== undefined) return `"${taken}" is already the key of ${other.id}`;
  }
  return null;
}

/** The action of a key in a view: one that has it in this context only, else the one that always has it, else one that can say why not. */
export function actionFor(
  keymap: Keymap,
  view: ViewName,
  key: string,
  context: () => ActionContext | null = () => null,
): Action | null {
  const all = keymap.actions.filter(action => action.views.includes(view) && action.keys.includes(key));
  const sometimes = all.filter(action => action.only !== undefined);
  const now = sometimes.length === 0 ? null : context();
  return (
    (now === null ? undefined : sometimes.find(action => action.only?.(now))) ??
    all.find(action => action.only === undefined) ??
    sometimes[0] ??
    null
  );
}

/** The first key of an action as people read it; the quoted action name if it has no key. */
export function keyFor({ actions }: Keymap, actionId: string): string {
  const key = actions.find(action => action.id === actionId)?.keys[0];
  return key === undefined ? `"${actionId}"` : showKey(key);
}

/** A sentence with the keys in force in place of every `keyLabel`. */
export function withKeys(sentence: string, keymap: Keymap): string {
  return replaceMarks(sentence, id => keyFor(keymap, id));
}

/** Actions for the footer of a view: its own first, then those that work elsewhere too. */
export function footerActions(keymap: Keymap, view: ViewName): readonly Action[] {
  const all = keymap.actions.filter(action => action.hint !== null && action.views.includes(view));
  return view === 'overview' ? all : all.toSorted((a, b) => rank(a, view) - rank(b, view));
}

/** Keys of the review page, what decides and leads to the diff first: on a narrow screen there is room for a few. */
const onReview = ['land', 'select-lines', 'review-next-file', 'send-back', 'reject', 'viewed', 'next-review'];

function rank({ id, group }: Action, view: ViewName): number {
  if (view === 'review' && onReview.includes(id)) return onReview.indexOf(id) - onReview.length;
  if (group === 'Review') return 0;
  if (group === 'Answer') return 1;
  return group === 'Log' || group === 'Diff' ? (view === 'review' ? 2 : 1) : 3;
}

const shown: Readonly<Record<string, string>> = {
  enter: 'Enter',
  esc: 'Esc',
  tab: 'Tab',
  'shift+tab': '⇧Tab',
  space: 'Space',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  home: 'Home',
  end: 'End',
  pgup: 'PgUp',
  pgdn: 'PgDn',
};

/** A key as people read it: `Ctrl+P`, `⇧Tab`, `↓`. */
export function showKey(key: string): string {
  const name = shown[key];
  if (name !== undefined) return name;
  return key.startsWith('ctrl+') ? `Ctrl+${key.slice(5).toUpperCase()}` : key;
}
