import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtProgram } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
interface PlanJson {
  readonly waiting: readonly { readonly id: string }[];
}

/** One sentence with one full stop at its end. */
const oneSentence = /^[^\n]*[^.\n]\.\n$/;

describe('what cannot be done is refused before anything is made', () => {
  it('an agent that nobody knows', async () => {
    const shop = temporaryProduct({ settings: { agent: 'nobody' } });
    for (const args of [headless, ['spawn', '--priority', 'US-041'], ['run', 'Add a shelf']]) {
      const refused = await shop.run(...args);
      expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(oneSentence) });
      expect(refused.stderr).toContain('Unknown agent "nobody"');
    }
    expect(existsSync(join(shop.base, 'shop-wt041'))).toBe(false);
    expect(await shop.run(...headless, '--agent', 'script')).toMatchObject({ code: 0, stderr: '' });
  });

  it.runIf(isLong)('an agent whose program is not there', async () => {
    const shop = temporaryProduct({ settings: { agents: { script: { command: 'no-such-agent' } } } });
    for (const args of [headless, ['spawn', '--priority', 'US-041'], ['run', 'Add a shelf']]) {
      const refused = await shop.run(...args);
      expect(refused).toMatchObject({ code: 3, stdout: '' });
      expect(refused.stderr).toContain('"no-such-agent" is not installed');
    }
    expect(shop.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  it.runIf(isLong)('files that are named and are not there, and paths that lead out', async () => {
    const shop = temporaryProduct();
    for (const option of ['--roadmap', '--ownership']) {
      const refused = await shop.run('plan', option, 'nowhere.md');
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(oneSentence) });
    }
    for (const files of ['../elsewhere', '/etc/**', 'a/../../b']) {
      const refused = await shop.run('run', 'Add a shelf', '--files', files);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(oneSentence) });
    }
    expect(shop.git('worktree', 'list').split('\n')).toHaveLength(1);
    await shop.run('run', 'Add a shelf', '--files', 'out/{a,b}/**, src/**');
    const { instances } = await shop.json<{ instances: readonly { priorityId: string }[] }>('status', '--json');
    expect(instances).toMatchObject([{ priorityId: 'TASK-1' }]);
  });

  it.runIf(isLong)('work in a repository without a commit', async () => {
    const shop = temporaryProduct();
    shop.git('checkout', '-q', '--orphan', 'fresh');
    for (const args of [['spawn', '--priority', 'US-041'], ['run', 'Add a shelf'], headless]) {
      expect(await shop.run(...args)).toMatchObject({ code: 3, stderr: expect.stringMatching(oneSentence) });
    }
    const { instances } = await shop.json<{ instances: unknown[] }>('status', '--json');
    expect(instances).toEqual([]);
    // With the first commit it begins as if nothing had been tried before.
    shop.git('commit', '-q', '--allow-empty', '-m', 'First');
    expect(await shop.run(...headless, '--target', 'fresh')).toMatchObject({ code: 0, stderr: '' });
    expect(shop.git('log', '-1', '--format=%s', 'fresh')).toBe('Merge US-041 parallel execution');
  });
});

describe('an item from a prompt that may not run now', () => {
  it('is kept, and who could start it later is named; that is no success, since nobody does by itself', async () => {
    const shop = temporaryProduct({ agent: 'sleep 300' });
    expect(await shop.run('run', 'Add a shelf')).toMatchObject({ code: 0 });
    const held = await shop.run('run', 'Paint the door');
    expect(held).toMatchObject({ code: 1, stdout: '' });
    expect(held.stderr).toContain('Cannot spawn TASK-2 now: TASK-1 runs, also with unknown scope');
    expect(held.stderr).toContain('The work loop starts it, or');
    expect((await shop.json<PlanJson>('plan', '--json')).waiting).toContainEqual(
      expect.objectContaining({ id: 'TASK-2' }),
    );
    expect(await shop.run('cancel', 'TASK-1')).toMatchObject({ code: 0 });
    expect(await shop.run('spawn', '--priority', 'TASK-2')).toMatchObject({ code: 0 });
    expect(await shop.run('cancel', 'TASK-2')).toMatchObject({ code: 0 });
  });
});

it.each(['status', 'plan', 'start'])('%s from a folder that has been removed is told in one sentence', command => {
  const shop = temporaryProduct();
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
  const options = { cwd: shop.base, env: shop.env, encoding: 'utf8' } as const;
  const refused = spawnSync('sh', ['-c', script, process.execPath, builtProgram, command], options);
  expect(refused).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(oneSentence) });
  expect(refused.stderr).toContain('no longer exists');
});

it('output that cannot be written is told in one sentence', ({ skip }) => {
  if (!existsSync('/dev/full')) skip('this system has no /dev/full');
  const shop = temporaryProduct();
  const script = `exec "${process.execPath}" "${builtProgram}" status --json >/dev/full`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: shop.root, env: shop.env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(oneSentence) });
});

describe('the plan', () => {
  interface PlanJson {
    readonly ready: readonly string[];
    readonly waiting: readonly { readonly id: string; readonly reasons: readonly { readonly code: string }[] }[];
    readonly groups: readonly (readonly string[])[];
  }

  it('has a reason for every item that is neither ready nor done, and groups only what can run', async () => {
    const shop = temporaryProduct({
      items: [
        { id: 'US-001', status: '✅ Complete' },
        { id: 'US-002', status: '⏸️ Blocked' },
        { id: 'US-003', files: ['docs/x.md'] },
        { id: 'US-004', files: ['src/a'] },
        { id: 'US-005', files: ['src/ab'] },
        { id: 'US-006', files: ['src/a/x.ts'] },
      ],
      files: { 'docs/AGENT_OWNERSHIP.md': '| Owner | Path |\n|---|---|\n| architect | **docs/** |\n' },
    });
    const { ready, waiting, groups } = await shop.json<PlanJson>('plan', '--json');
    expect(ready).toEqual(['US-004', 'US-005']);
    expect(waiting.map(({ id, reasons }) => [id, ...reasons.map(({ code }) => code)])).toEqual([
      ['US-002', 'status'],
      ['US-003', 'ownership'],
      ['US-006', 'overlap'],
    ]);
    expect(groups).toEqual([['US-004', 'US-005'], ['US-006']]);
  });
});
