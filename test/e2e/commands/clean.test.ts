import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onTerminal } from '../../helpers/programs/on-terminal.ts';
import { committingAgent, type Product } from '../../helpers/programs/product.ts';
import { endBearers, eventually } from '../../helpers/programs/survivors.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];

/** Three items that have landed: 041 without anything beside its commit, 042 with files of its own, 043 with a change. */
async function landed(): Promise<Product> {
  const one = temporaryProduct({
    items: ['US-041', 'US-042', 'US-043'].map(id => ({ id, files: [`out/${id}.txt`] })),
    files: { '.gitignore': '*.cache\n' },
  });
  await one.run(...headless);
  writeFileSync(join(tree(one, '042'), 'notes.txt'), 'mine\n');
  writeFileSync(join(tree(one, '042'), 'a.cache'), 'ignored\n');
  writeFileSync(join(tree(one, '043'), 'README.md'), 'changed\n');
  return one;
}

function tree(one: Product, slug: string): string {
  return join(one.base, `shop-wt${slug}`);
}

function left(one: Product): string[] {
  return ['041', '042', '043'].filter(slug => {
    const there = existsSync(tree(one, slug));
    expect(one.git('branch', '--list', `roadmap-${slug}`) !== '').toBe(there);
    return there;
  });
}

/** The same list a moment later. */
const withoutAges = (text: string): string => text.replaceAll(/ {2}\S+ old$/gm, '');

describe('clean', () => {
  it('lists without a yes, and takes --yes for what loses nothing and for nothing else', async () => {
    const one = await landed();
    const asked = await one.run('clean');
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain(`US-041  ${tree(one, '041')}`);
    expect(asked.stdout).toContain('branch roadmap-041');
    expect(asked.stdout).toContain('would be lost: notes.txt (untracked)');
    expect(asked.stdout).toContain('would be lost: a.cache (ignored)');
    expect(asked.stdout).toMatch(/kept: .*shop-wt043 has uncommitted changes \(README\.md\)/);
    expect(asked.stderr).toContain('cm-tui clean --yes');
    const dry = await one.run('clean', '--dry-run');
    expect({ ...dry, stdout: withoutAges(dry.stdout) }).toEqual({
      code: 0,
      stdout: withoutAges(asked.stdout),
      stderr: '',
    });
    expect(left(one)).toEqual(['041', '042', '043']);
    // What doctor promises is what it does.
    expect((await one.run('doctor')).stdout).toMatch(/3 worktrees, .*; "cm-tui clean" removes 1 of them and frees/);

    const { code, stdout, stderr } = await one.run('clean', '--yes');
    expect(code).toBe(1);
    expect(stdout).toContain('US-041 cleaned up.');
    expect(stderr).toContain('US-042 kept');
    expect(left(one)).toEqual(['042', '043']);
    expect(one.read(join(tree(one, '042'), 'notes.txt'))).toBe('mine\n');
  });

  it.runIf(isLong)('loses files only after a yes of their own', async () => {
    const one = await landed();
    const left130 = onTerminal(one, { columns: 200, args: ['clean'] });
    await left130.waitForText('[y/N]');
    left130.press('\u0003');
    expect(await left130.exited).toMatchObject({ exitCode: 130 });
    expect(left(one)).toEqual(['041', '042', '043']);
    const refused = onTerminal(one, { columns: 200, args: ['clean'] });
    await refused.waitForText('Remove worktree and branch of US-041? Nothing will be lost. [y/N]');
    refused.press('\r');
    await refused.waitForText('Remove US-042 and permanently LOSE the 2 files listed above? [y/N]');
    refused.press('n\r');
    // Something that has landed was kept.
    expect(await refused.exited).toMatchObject({ exitCode: 1 });
    expect(left(one)).toEqual(['041', '042', '043']);
    const agreed = onTerminal(one, { columns: 200, args: ['clean'] });
    await agreed.waitForText('Nothing will be lost. [y/N]');
    agreed.press('n\r');
    await agreed.waitForText('listed above? [y/N]');
    agreed.press('y\r');
    expect(await agreed.exited).toMatchObject({ exitCode: 1 });
    expect(left(one)).toEqual(['041', '043']);
  });

  it.runIf(isLong)('reaches the coordinator that runs', async () => {
    const one = await landed();
    const running = one.start('start', '--headless');
    await running.event(({ type }) => type === 'coordinator-started');
    expect(await one.run('clean', '--yes')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('US-041 cleaned'),
    });
    await running.event(({ type, priorityId }) => type === 'instance-cleaned' && priorityId === 'US-041');
    expect(left(one)).toEqual(['042', '043']);
    running.kill('SIGTERM');
    await running.exit;
  });

  it('says when there is nothing', async () => {
    const one = temporaryProduct({ items: [] });
    expect(await one.run('clean', '--yes')).toEqual({
      code: 0,
      stdout: 'No landed work to clean up.\n',
      stderr: '',
    });
  });

  it.runIf(isLong)('keeps the worktree of a run of which something is still alive, wherever that stands', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/'] }],
      agent: `${committingAgent}; (cd / && exec sleep 60) >/dev/null 2>&1 &`,
    });
    await one.run(...headless);
    const listed = await one.run('clean', '--dry-run');
    expect(listed.stdout).toContain('kept: A process of US-041 is still alive');
    await one.run('clean', '--yes');
    expect(existsSync(tree(one, '041'))).toBe(true);
    endBearers(one);
    expect(await one.run('clean', '--yes')).toMatchObject({ code: 0 });
    expect(existsSync(tree(one, '041'))).toBe(false);
  });

  it.runIf(isLong)('drops copies of uncommitted work once they are 30 days old, and younger ones not', async () => {
    const one = temporaryProduct({ items: [] });
    // Copies beside a journal that was never written would be taken for what a lost one left.
    await one.run(...headless);
    const head = one.git('rev-parse', 'HEAD');
    one.git('update-ref', 'refs/cm/backup/20200101000000000', head);
    one.git('update-ref', 'refs/cm/backup/29990101000000000', head);
    const running = one.start('start', '--headless');
    const refs = () => one.git('for-each-ref', '--format=%(refname)', 'refs/cm/backup').split('\n');
    await eventually(() => refs().length === 1, 'the old copy to go');
    expect(refs()).toEqual(['refs/cm/backup/29990101000000000']);
    running.kill('SIGTERM');
    await running.exit;
  });
});
