import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
interface PlanJson {
  readonly ready: readonly string[];
  readonly waiting: readonly { readonly id: string; readonly reasons: readonly { readonly code: string }[] }[];
}

describe('a repository with nothing checked out to land on', () => {
  it.runIf(isLong)('can be looked at when HEAD is detached, and says what is missing to work in it', async () => {
    const shop = temporaryProduct();
    shop.git('checkout', '-q', '--detach');

    expect(await shop.run('status')).toMatchObject({ code: 0, stdout: expect.stringContaining('no target') });
    const plan = await shop.json<PlanJson>('plan', '--json');
    expect(plan.waiting).toMatchObject([{ id: 'US-041', reasons: [{ code: 'repository' }] }]);
    expect(await shop.run('clean')).toMatchObject({ code: 0 });
    const started = await shop.run(...headless);
    expect(started.code).toBe(3);
    expect(started.stderr).toContain('--target BRANCH');

    expect((await shop.run(...headless, '--target', 'roadmap')).code).toBe(0);
    expect(shop.git('show', 'roadmap:out/US-041.txt')).toBe('work of US-041');
    expect(shop.git('status', '--porcelain')).toBe('');
  });

  it('lands by the ROADMAP and the ownership table of the target when it is bare', async () => {
    const shop = temporaryProduct({
      items: [
        { id: 'US-041', files: ['out/**'] },
        { id: 'US-042', files: ['docs/x.md'] },
      ],
      files: { 'docs/AGENT_OWNERSHIP.md': '| File | Owner |\n|---|---|\n| `docs/` | architect |\n' },
    });
    const bare = join(shop.base, 'shop.git');
    execFileSync('git', ['clone', '-q', '--bare', shop.root, bare], { env: shop.env });
    mkdirSync(join(bare, 'cm-tui'), { mode: 0o700 });
    writeFileSync(join(bare, 'cm-tui/config.json'), readFileSync(join(shop.root, '.git/cm-tui/config.json')));

    const nowhere = await shop.run('status', '--repo', bare);
    expect(nowhere).toMatchObject({ code: 0, stdout: expect.stringContaining('no target') });
    const plan = await shop.json<PlanJson>('plan', '--json', '--repo', bare, '--target', 'roadmap');
    expect(plan.ready).toEqual(['US-041']);
    expect(plan.waiting).toMatchObject([{ id: 'US-042', reasons: [{ code: 'ownership' }] }]);

    await shop.run(...headless, '--repo', bare, '--target', 'roadmap');
    const git = (...args: string[]) => execFileSync('git', ['-C', bare, ...args], { env: shop.env, encoding: 'utf8' });
    expect(git('log', '--merges', '--format=%s', 'roadmap')).toBe('Merge US-041 parallel execution\n');
    expect(git('show', 'roadmap:docs/roadmap/ROADMAP.md')).toContain('**Status**: ✅ Complete');
  });

  it('lands on branches with any letters, and refuses what is no name of a branch', async () => {
    const shop = temporaryProduct({ branch: 'größe/fünf#1' });
    expect((await shop.run(...headless, '--target', 'größe/fünf#1')).code).toBe(0);
    expect(shop.git('log', '-1', '--format=%s')).toBe('Merge US-041 parallel execution');
    for (const name of ['bad..name', 'x.lock']) {
      expect(await shop.run('status', `--target=${name}`)).toMatchObject({ code: 2 });
    }
  });
});
