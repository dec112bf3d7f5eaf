import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openInEditor, showInPager } from '../../source/cli/screen/open-file.ts';
import { saveText } from '../../source/cli/screen/save-text.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

async function* pieces(...texts: readonly string[]): AsyncIterable<string> {
  yield* texts;
}

describe('saving text', () => {
  test('writes a new file, for its owner only, and counts its lines', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'logs'));
    expect(await saveText(folder, 'logs/043.log', pieces('a\nb\n', 'c\n'))).toBe('Saved 3 lines to logs/043.log.');
    expect(readFileSync(join(folder, 'logs/043.log'), 'utf8')).toBe('a\nb\nc\n');
  });

  test('never overwrites, also not what a link points at', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'mine'), 'precious');
    symlinkSync(join(folder, 'not-there'), join(folder, 'link'));
    await expect(saveText(folder, 'mine', pieces('x'))).rejects.toThrow('already exists');
    await expect(saveText(folder, 'link', pieces('x'))).rejects.toThrow('already exists');
    expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('precious');
    expect(existsSync(join(folder, 'not-there'))).toBe(false);
  });

  test('stays inside the folder, links included', async () => {
    const base = temporaryFolder();
    const folder = join(base, 'here');
    mkdirSync(folder);
    symlinkSync(base, join(folder, 'out'));
    for (const path of ['../x', join(base, 'x'), 'out/x'])
      await expect(saveText(folder, path, pieces('x'))).rejects.toThrow('is outside the current folder');
    await expect(saveText(folder, 'missing/x', pieces('x'))).rejects.toThrow('Create it, or choose another');
    expect(existsSync(join(base, 'x'))).toBe(false);
  });
});

describe('programs of the user', () => {
  /** A program that writes its arguments, and what the last one holds, to a file. */
  function program(folder: string, name: string): { readonly command: string; readonly said: () => string } {
    const command = join(folder, name);
    writeFileSync(
      command,
      `#!/bin/sh\nfor one; do echo "$one"; done > "${command}.said"\ncat "$one" >> "${command}.said"\n`,
    );
    chmodSync(command, 0o755);
    return { command, said: () => readFileSync(`${command}.said`, 'utf8') };
  }

  test('the pager gets the text in a file that is gone afterwards', async () => {
    const pager = program(temporaryFolder(), 'pager');
    expect(await showInPager('+one\n', { PAGER: `${pager.command} -S` })).toBeNull();
    const [option, file, text] = pager.said().split('\n');
    expect([option, text]).toEqual(['-S', '+one']);
    expect(existsSync(file ?? '')).toBe(false);
    expect(await showInPager('', { PAGER: 'false' })).toBe(
      'false failed with exit code 1. Set PAGER to another program.',
    );
  });

  test('the editor gets the file, and the line when it is known to take one', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a file.ts'), 'text');
    const vim = program(folder, 'vim');
    expect(await openInEditor(folder, 'a file.ts', 7, { EDITOR: vim.command })).toBeNull();
    expect(vim.said()).toBe(`+7\n${join(folder, 'a file.ts')}\ntext`);
    const other = program(folder, 'other');
    expect(await openInEditor(folder, 'a file.ts', 7, { VISUAL: other.command, EDITOR: 'false' })).toBeNull();
    expect(other.said()).toBe(`${join(folder, 'a file.ts')}\ntext`);
  });

  test('what is gone or leads out is not opened', async () => {
    const base = temporaryFolder();
    const folder = join(base, 'tree');
    mkdirSync(folder);
    writeFileSync(join(base, 'secret'), '');
    symlinkSync(join(base, 'secret'), join(folder, 'link'));
    expect(await openInEditor(folder, 'gone', null, { EDITOR: 'false' })).toContain('is not in the worktree');
    expect(await openInEditor(folder, 'link', null, { EDITOR: 'false' })).toContain('is outside the worktree');
  });
});
