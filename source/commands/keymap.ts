import type { Action, ViewName } from './action.ts';
import { actions } from './actions.ts';
import { replaceMarks } from './key-words.ts';

/** The actions with the keys that are in force, and what was wrong with the setting `keys`. */
export interface Keymap {
  readonly actions: readonly Action[];
  /** One sentence each. */
  readonly errors: readonly string[];
}

const named = new Set(
  'enter esc tab shift+tab space up down left right home end pgup pgdn backspace delete insert'.split(' '),
);

/** True for a name that the screen can hear: one character, `ctrl+x`, or one of the named keys (`enter`, `pgdn`, …). */
export function isKeyName(key: string): boolean {
  if ([...key].length === 1) return key > ' ' && key !== '\x7f';
  return named.has(key) || /^ctrl\+[a-z]$/.test(key);
}

/**
 * Puts the user's keys in place of the built-in ones. An action whose setting is wrong (unknown name, unknown key, a key that another
 * action of the same view has) keeps its own keys, and the error says so.
 */
export function resolveKeys(setting: Readonly<Record<string, readonly string[]>>): Keymap {
  const errors: string[] = [];
  const known = new Map(actions.map(action => [action.id, action]));
  let current: readonly Action[] = actions;
  for (const [id, keys] of Object.entries(setting)) {
    const action = known.get(id);
    const problem = action === undefined ? `there is no action "${id}"` : problemOf(action, keys, current, setting);
    if (problem === null) current = current.map(one => (one.id === id ? { ...one, keys } : one));
    else errors.push(`The setting keys.${id} is not used: ${problem}.`);
  }
  return { actions: current, errors };
}

function problemOf(
  action: Action,
  keys: readonly string[],
  current: readonly Action[],
  setting: Readonly<Record<string, readonly string[]>>,
): string | null {
  if (keys.length === 0) return 'it names no key';
  const bad = keys.find(key => !isKeyName(key));
  if (bad !== undefined) return `"${bad}" is no key that can be heard`;
  for (const other of current) {
    if (other.id === action.id || !other.views.some(view => action.views.includes(view))) continue;
    const taken = (setting[other.id] ?? other.keys).find(key => keys.includes(key));
    if (taken !== undefined) return `"${taken}" already belongs to ${other.id}`;
  }
  return null;
}

/** The action that a key means in a view. */
export function actionFor(keymap: Keymap, view: ViewName, key: string): Action | null {
  return keymap.actions.find(action => action.views.includes(view) && action.keys.includes(key)) ?? null;
}

/** The first key of an action as people read it; an action without one is called by its name. */
export function keyFor({ actions }: Keymap, actionId: string): string {
  const key = actions.find(action => action.id === actionId)?.keys[0];
  return key === undefined ? `"${actionId}"` : showKey(key);
}

/** A sentence of ours with the keys that are in force where `keyOf` stands. */
export function withKeys(sentence: string, keymap: Keymap): string {
  return replaceMarks(sentence, id => keyFor(keymap, id));
}

/** Actions that the footer of a view names: the view's own first, then what works in others too. */
export function footerActions(keymap: Keymap, view: ViewName): readonly Action[] {
  const all = keymap.actions.filter(action => action.hint !== null && action.views.includes(view));
  return view === 'overview' ? all : [...all.filter(isOwn), ...all.filter(action => !isOwn(action))];
}

function isOwn({ group }: Action): boolean {
  return group === 'Log' || group === 'Diff' || group === 'Answer';
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
