import { describe, expect, test } from 'vitest';
import type { Proposal } from '../../../source/domain/scope/suggest/proposal.ts';
import {
  chosenScopes,
  entriesOf,
  rowsOf,
  rowText,
  type ScopeEntry,
  toggled,
  withPath,
} from '../../../source/ui/screens/scopes/scope-list.ts';
import { makeItem, unknownScope } from '../../helpers/core/planning.ts';

const items = ['US-1', 'US-2'].map(id => makeItem(id, { scope: unknownScope }));
const file = (path: string) => ({ path, reasons: ['named in the text'], likelihood: 0.9 });

function proposal(id: string, changes: Partial<Proposal> = {}): Proposal {
  const own = { id, key: id, title: `Title of ${id}`, by: 'guess', sure: true };
  return { ...own, files: [], candidates: [], dependencies: [], current: unknownScope, widens: [], ...changes };
}

const entries = entriesOf([
  proposal('US-1', {
    files: [file('a.ts'), file('[b].ts')],
    dependencies: [{ id: 'US-2', reason: 'the text says so' }],
  }),
  proposal('US-2', { sure: false, candidates: [file('c.ts')] }),
]);

function rows(list: readonly ScopeEntry[]) {
  return rowsOf(list).map(row => rowText(row).name.trim());
}

function set(list: readonly ScopeEntry[]) {
  return chosenScopes(list, items).map(({ priorityId, paths, dependsOn }) => [priorityId, paths, dependsOn]);
}

describe('the list of suggested scopes', () => {
  test('takes what is sure, and leaves what is merely possible to a person', () => {
    expect(rows(entries)).toEqual([
      'US-1  Title of US-1',
      '[x] a.ts',
      '[x] [b].ts',
      '[x] after US-2',
      'US-2  Title of US-2',
      '[ ] c.ts',
    ]);
    expect(set(entries)).toEqual([['US-1', ['a.ts', '*b*.ts'], ['US-2']]]);
  });

  test('changes one file, or all of an item', () => {
    const [item, a] = rowsOf(entries);
    if (item === undefined || a === undefined) throw new Error('rows are missing');
    expect(set(toggled(entries, a))).toEqual([['US-1', ['*b*.ts'], ['US-2']]]);
    expect(set(toggled(entries, item))).toEqual([]);
  });

  test('takes a path that a person types, as it is', () => {
    const second = entries[1];
    if (second === undefined) throw new Error('the entry is missing');
    expect(set(withPath(entries, second, 'src/**')).at(-1)).toEqual(['US-2', ['src/**'], []]);
  });

  test('says of a known scope which files make it wider, and takes none of them by itself', () => {
    const known = { kind: 'known', paths: ['a.ts'] } as const;
    const list = entriesOf([
      proposal('US-1', { files: [file('a.ts'), file('b.ts')], current: known, widens: ['b.ts'] }),
    ]);
    expect(rowsOf(list).map(row => rowText(row).why)).toEqual([
      '1 file',
      'named in the text',
      'wider than now; named in the text',
    ]);
    expect(list[0]?.choices.map(({ value, taken }) => [value, taken])).toEqual([
      ['a.ts', true],
      ['b.ts', false],
    ]);
  });
});
