import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepCompiledCode } from '../../source/cli/compile-cache.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** The folder that Node was given; null: none. */
function enabledIn(cache: string): string | null {
  let given: string | null = null;
  keepCompiledCode({ enableCompileCache: folder => (given = folder) }, { XDG_CACHE_HOME: cache });
  return given;
}

test('compiled code is kept in a folder that only the user can write to', () => {
  const cache = temporaryFolder();
  const folder = join(cache, 'cm-tui', 'compiled');
  expect(enabledIn(cache)).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a folder that others can write to, or that cannot be made, is not used', () => {
  const shared = temporaryFolder();
  mkdirSync(join(shared, 'cm-tui', 'compiled'), { recursive: true });
  chmodSync(join(shared, 'cm-tui', 'compiled'), 0o777);
  expect(enabledIn(shared)).toBeNull();
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(enabledIn(file)).toBeNull();
});

test('Node 20 has no such cache: nothing is made', () => {
  const cache = temporaryFolder();
  keepCompiledCode({}, { XDG_CACHE_HOME: cache });
  expect(existsSync(join(cache, 'cm-tui'))).toBe(false);
});
