import { existsSync, readFileSync } from 'node:fs';
import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { keysMarkdown, readmeMarks } from '../../scripts/lib/keys-markdown.ts';
import { actions } from '../../source/commands/actions.ts';
import { fuzzy } from '../../source/commands/fuzzy.ts';
import { actionFor, isKeyName, resolveKeys, showKey } from '../../source/commands/keymap.ts';
import { splitKeys } from '../../source/ui/terminal/keys.ts';

const plain: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

function names(input: string, key: Partial<Key> = {}): readonly string[] {
  return splitKeys(input, { ...plain, ...key }).map(press => press.name);
}

describe('the table of actions', () => {
  test('names every action once and every key by a valid name', () => {
    const ids = actions.map(action => action.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const action of actions)
      for (const key of action.keys) expect(isKeyName(key), `${action.id}: ${key}`).toBe(true);
  });

  test('gives no key of a view to two actions, but one may have it where something is to be said to an agent', () => {
    const taken = new Map<string, string>();
    for (const action of actions)
      for (const view of action.views)
        for (const key of action.keys) {
          const place = `${view} ${key}${action.only === undefined ? '' : ' sometimes'}`;
          expect(taken.get(place), `${place}: ${taken.get(place)} and ${action.id}`).toBeUndefined();
          taken.set(place, action.id);
        }
  });

  test('has the keys that are promised', () => {
    const keymap = resolveKeys({});
    const promised: Readonly<Record<string, string>> = {
      j: 'down',
      k: 'up',
      down: 'down',
      up: 'up',
      g: 'top',
      G: 'bottom',
      pgup: 'page-up',
      pgdn: 'page-down',
      tab: 'next-pane',
      'shift+tab': 'previous-pane',
      1: 'pane',
      5: 'pane',
      s: 'spawn',
      S: 'loop',
      n: 'new-item',
      x: 'cancel',
      enter: 'open',
      esc: 'home',
      l: 'log',
      d: 'diff',
      a: 'attach',
      m: 'approve',
      M: 'approve-all',
      r: 'redo',
      u: 'undo',
      c: 'clean',
      t: 'timeline',
      p: 'pause',
      ':': 'palette',
      'ctrl+p': 'palette',
      '/': 'filter',
      '?': 'help',
      q: 'leave',
      'ctrl+c': 'leave-now',
    };
    for (const [key, id] of Object.entries(promised)) expect(actionFor(keymap, 'overview', key)?.id, key).toBe(id);
    for (const [key, id] of Object.entries({
      '/': 'search',
      n: 'next-match',
      N: 'previous-match',
      w: 'wrap',
      f: 'follow',
    }))
      expect(actionFor(keymap, 'log', key)?.id, key).toBe(id);
    for (const [key, id] of Object.entries({
      y: 'land',
      enter: 'select-lines',
      V: 'select-lines',
      r: 'reject',
      b: 'send-back',
    }))
      expect(actionFor(keymap, 'review', key)?.id, key).toBe(id);
    for (const view of ['confirm', 'clean'] as const)
      for (const [key, id] of Object.entries({ y: 'yes', enter: 'yes', n: 'no', esc: 'no' }))
        expect(actionFor(keymap, view, key)?.id, `${view} ${key}`).toBe(id);
  });

  test('stands in docs/keys.md as it is', async () => {
    const page = `# Keys\n\nGenerated from the table of actions; \`vitest run test/ui/keys.test.ts -u\` regenerates it.\n\n${keysMarkdown()}`;
    await expect(page).toMatchFileSnapshot('../../docs/keys.md');
  });

  test('stands in the README as it is', () => {
    const readme = existsSync('README.md') ? readFileSync('README.md', 'utf8') : '';
    const start = readme.indexOf(readmeMarks.start);
    if (start < 0) {
      console.log('README.md has no block for the keys: nothing to compare.');
      return;
    }
    const block = readme.slice(start + readmeMarks.start.length, readme.indexOf(readmeMarks.end));
    expect(block.trim()).toBe(keysMarkdown().trim());
  });
});

describe('keys of the user', () => {
  test('take the place of the built-in ones', () => {
    const keymap = resolveKeys({ spawn: ['w', 'ctrl+s'] });
    expect(keymap.errors).toEqual([]);
    expect(actionFor(keymap, 'overview', 'w')?.id).toBe('spawn');
    expect(actionFor(keymap, 'overview', 's')).toBeNull();
  });

  test('may be swapped', () => {
    const keymap = resolveKeys({ spawn: ['x'], cancel: ['s'] });
    expect(keymap.errors).toEqual([]);
    expect(actionFor(keymap, 'overview', 'x')?.id).toBe('spawn');
  });

  test.each([
    [{ fly: ['f'] }, 'Setting keys.fly ignored: unknown action "fly".'],
    [{ spawn: [] }, 'Setting keys.spawn ignored: the list is empty.'],
    [{ spawn: ['hyper+s'] }, 'Setting keys.spawn ignored: "hyper+s" is not a valid key.'],
    [{ spawn: ['x'] }, 'Setting keys.spawn ignored: "x" is already the key of cancel.'],
  ])('%j is refused with a reason', (setting, error) => {
    const keymap = resolveKeys(setting);
    expect(keymap.errors).toEqual([error]);
    expect(actionFor(keymap, 'overview', 's')?.id).toBe('spawn');
  });

  test('are shown as people read them', () => {
    expect(['ctrl+p', 'shift+tab', 'pgdn', 'G', ':'].map(showKey)).toEqual(['Ctrl+P', '⇧Tab', 'PgDn', 'G', ':']);
  });
});

describe('splitting chunks into keys', () => {
  test('typed ahead', () => {
    expect(names('jjj')).toEqual(['j', 'j', 'j']);
    expect(names('ab\r')).toEqual(['a', 'b', 'enter']);
    expect(names('x\u0003')).toEqual(['x', 'ctrl+c']);
    expect(names('a b')).toEqual(['a', 'space', 'b']);
    expect(names('日é')).toEqual(['日', 'é']);
  });

  test('special keys', () => {
    expect(names('', { downArrow: true })).toEqual(['down']);
    expect(names('', { tab: true, shift: true })).toEqual(['shift+tab']);
    expect(names('c', { ctrl: true })).toEqual(['ctrl+c']);
    expect(names('', { escape: true, meta: true })).toEqual(['esc']);
  });

  test('sequences that nobody knows are no keys', () => {
    expect(names('[<0;10;10M')).toEqual([]);
    expect(names('[?62;22c')).toEqual([]);
    expect(names('[')).toEqual(['[']);
  });

  test('a key with Alt is Esc and the key', () => {
    expect(names('x', { meta: true })).toEqual(['esc', 'x']);
    expect(names('', { meta: true, upArrow: true })).toEqual(['esc', 'up']);
  });

  test('Ctrl+J, Shift+Enter and Alt+Enter are an Enter that breaks the line', () => {
    const broken = { name: 'enter', text: null, newline: true };
    expect(splitKeys('\n', plain)).toEqual([broken]);
    expect(splitKeys('\r', { ...plain, return: true, shift: true })).toEqual([broken]);
    expect(splitKeys('\r', { ...plain, return: true, meta: true })).toEqual([broken]);
    expect(splitKeys('\r', { ...plain, return: true })).toEqual([{ name: 'enter', text: null }]);
  });
});

describe('fuzzy search', () => {
  const texts = ['Spawn an agent', 'Pause new spawns', 'Previous page', 'Command palette'];
  const find = (query: string): readonly string[] => fuzzy(query, texts, text => text).map(match => match.value);

  test('letters in their order, words first', () => {
    expect(find('spa')[0]).toBe('Spawn an agent');
    expect(find('pns')[0]).toBe('Pause new spawns');
    expect(find('pal')[0]).toBe('Command palette');
    expect(find('zzz')).toEqual([]);
  });

  test('nothing typed finds everything in its order', () => {
    expect(find('')).toEqual(texts);
  });
});
