import { describe, expect, test } from 'vitest';
import { changeName, looksLikeEscape, type OutsideChange } from '../../source/domain/escape.ts';
import type { Scope } from '../../source/domain/item.ts';
import { knownScope, makeInstance, makeItem, unknownScope } from '../helpers/core/planning.ts';

const change = (path: string, tree: string | null = '/home/user/shop'): OutsideChange => ({ tree, path, stamp: '1' });

function run(
  scope: Scope,
  state: 'awaiting-approval' | 'no-work' = 'awaiting-approval',
  files: readonly string[] = [],
) {
  const item = makeItem('US-001', { scope });
  const changed = files.map(path => ({
    path,
    change: 'M' as const,
    oldMode: '100644',
    newMode: '100644',
    insertions: 1,
    deletions: 0,
    binary: false,
  }));
  return makeInstance(item, { state, files: changed });
}

describe('what looks like the doing of a run', () => {
  test('is its own files, by its scope or by what its branch changes', () => {
    expect(looksLikeEscape(change('src/a.ts'), run(knownScope('src/')))).toBe(true);
    expect(looksLikeEscape(change('docs/a.md'), run(knownScope('src/')))).toBe(false);
    expect(looksLikeEscape(change('docs/a.md'), run(knownScope('src/'), 'awaiting-approval', ['docs/a.md']))).toBe(
      true,
    );
    expect(looksLikeEscape(change('src/a.ts', '/home/user/shop-wt002'), run(knownScope('src/')))).toBe(true);
  });

  test('is anything, where nobody knows what it was to touch and it left nothing on its branch', () => {
    expect(looksLikeEscape(change('a.txt'), run(unknownScope, 'no-work'))).toBe(true);
    expect(looksLikeEscape(change('a.txt'), run(unknownScope))).toBe(false);
    expect(looksLikeEscape(change('a.txt'), run(knownScope('src/'), 'no-work'))).toBe(false);
  });

  test('is always what git may run', () => {
    expect(looksLikeEscape(change('config core.fsmonitor', null), run(knownScope('src/')))).toBe(true);
  });

  test('one change has one name in each worktree', () => {
    const names = [change('a'), change('a', '/home/user/shop-wt002'), change('a', null)].map(changeName);
    expect(new Set(names).size).toBe(3);
  });
});
