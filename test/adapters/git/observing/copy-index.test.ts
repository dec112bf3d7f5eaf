import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { copyIndex } from '../../../../source/adapters/git/calls/copy-index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

let repo: TestRepository;
afterEach(() => repo.cleanup());

it('a file that was changed in the second of its index, and kept its size, is changed for a copy of the index too', () => {
  repo = createRepository({ files: { 'a.txt': 'one\n' } });
  const [file, index] = [join(repo.root, 'a.txt'), join(repo.root, '.git/index')];
  repo.git('config', 'core.trustctime', 'false');
  const second = Math.floor(Date.now() / 1000) - 10;
  // The index was written in the second in which the file was: first as it was committed, then with other words of the same length.
  utimesSync(file, second, second);
  repo.git('update-index', '--refresh');
  writeFileSync(file, 'two\n');
  utimesSync(file, second, second);
  utimesSync(index, second, second);
  const copy = join(repo.base, 'copy');
  copyIndex(index, copy);
  expect(readFileSync(copy)).toEqual(readFileSync(index));
  expect(Math.floor(statSync(copy).mtimeMs / 1000)).toBe(second);
  repo.env.GIT_INDEX_FILE = copy;
  expect(repo.git('diff-files', '--name-only')).toBe('a.txt');
});
