import { expect, test } from 'vitest';
import { foldersFor, sparseFolders } from '../../../source/domain/scope/sparse-folders.ts';

const known = (...paths: string[]) => ({ kind: 'known', paths }) as const;

test.each([
  [['src/app.ts'], ['src']],
  [
    ['apps/shop/', 'libs/ui/src/*.tsx'],
    ['apps/shop', 'libs/ui/src'],
  ],
  [['README.md', '*.json'], []],
  [
    ['src/{a,b}/x.ts', './docs/**'],
    ['docs', 'src'],
  ],
  [['src/a.ts', '**/*.css'], null],
  [['*/package.json'], null],
])('%j needs %j', (paths, folders) => {
  expect(sparseFolders(known(...paths))).toEqual(folders);
});

test('of a scope that is not known, a revert, and without the setting, all files are there', () => {
  expect(sparseFolders({ kind: 'inferred', paths: ['src/a.ts'] })).toBeNull();
  expect(sparseFolders(known())).toBeNull();
  const scope = known('src/a.ts');
  expect(foldersFor({ sparse: 'scope' }, { scope })).toEqual({ sparse: ['src'] });
  expect(foldersFor({ sparse: 'off' }, { scope })).toEqual({});
  expect(foldersFor({ sparse: 'scope' }, { scope, reverts: { runId: 'a', commit: 'b', merge: true } })).toEqual({});
});
