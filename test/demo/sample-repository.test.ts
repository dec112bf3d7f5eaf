import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyRecipe, recipeTargets } from '../../source/agents/demo/recipes.ts';
import { commitUserEdit, createSampleRepository, type Run, sampleItems } from '../../source/demo/sample-repository.ts';
import { isolatedEnvironment } from '../helpers/programs/agent-runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function makeShop(): { readonly dir: string; readonly run: Run; git(...args: readonly string[]): string } {
  const folder = temporaryFolder();
  const dir = join(folder, 'corner-shop');
  // No identity in the environment: the repository has to bring its own.
  const { PATH = '', HOME = '' } = isolatedEnvironment(folder);
  const env = { PATH, HOME, GIT_CONFIG_NOSYSTEM: '1' };
  const run: Run = async (file, args, cwd) => {
    execFileSync(file, args, { cwd, env, stdio: 'pipe' });
  };
  return { dir, run, git: (...args) => execFileSync('git', args, { cwd: dir, env, encoding: 'utf8' }).trim() };
}

function testShop(dir: string): { readonly status: number | null; readonly output: string } {
  const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
  // A test runner inside a test runner would report to the outer one.
  delete env.NODE_TEST_CONTEXT;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--test'], { cwd: dir, env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('sample repository', () => {
  test('stands on branch roadmap, clean, with an identity and settings of its own', async () => {
    const { dir, run, git } = makeShop();
    await createSampleRepository(dir, run);
    expect(git('symbolic-ref', '--short', 'HEAD')).toBe('roadmap');
    expect(git('status', '--porcelain', '--ignored')).toBe('');
    expect(git('var', 'GIT_COMMITTER_IDENT')).toMatch(/^Sam Ple <sam@example.invalid>/);
    expect(JSON.parse(readFileSync(join(dir, '.git/cm-tui/config.json'), 'utf8'))).toEqual({
      agent: 'demo',
      checks: [['node', '--test']],
    });
  });

  test('its ROADMAP has the items the demo speaks of', async () => {
    const { dir, run } = makeShop();
    await createSampleRepository(dir, run, {});
    const roadmap = readFileSync(join(dir, 'docs/roadmap/ROADMAP.md'), 'utf8');
    const planned = [...roadmap.matchAll(/^### (US-\d+): .*\n\n\*\*Status\*\*: 📝 Planned$/gm)].map(found => found[1]);
    expect(planned).toEqual([...sampleItems.independent, sampleItems.dependent, sampleItems.conflicting]);
    expect(readFileSync(join(dir, 'docs/AGENT_OWNERSHIP.md'), 'utf8')).toContain('| **src/** | code_developer |');
  });

  test('its tests pass, before and after everything the demo agent writes', async () => {
    const { dir, run } = makeShop();
    await createSampleRepository(dir, run, {});
    expect(testShop(dir)).toMatchObject({ status: 0 });
    for (const path of recipeTargets) {
      const file = join(dir, path);
      mkdirSync(dirname(file), { recursive: true });
      let before: string | null = null;
      try {
        before = readFileSync(file, 'utf8');
      } catch {
        // A file that the item makes.
      }
      writeFileSync(file, applyRecipe(path, before, { key: 'US-041', title: 'x' }));
    }
    const after = testShop(dir);
    expect(after.output).toMatch(/# pass (?:[89]|1\d)\n/);
    expect(after.status).toBe(0);
  });

  test('the hand edit really conflicts with US-046, and only with it', async () => {
    const { dir, run, git } = makeShop();
    await createSampleRepository(dir, run, {});
    git('branch', 'roadmap-046');
    git('worktree', 'add', '--quiet', '../wt046', 'roadmap-046');
    const file = join(dir, '../wt046/src/pricing.js');
    writeFileSync(file, applyRecipe('src/pricing.js', readFileSync(file, 'utf8'), { key: 'US-046', title: 'tax' }));
    git('-C', '../wt046', 'commit', '--quiet', '-am', 'Raise the tax');
    await commitUserEdit(dir, run);
    expect(git('status', '--porcelain')).toBe('');
    const merged = spawnSync('git', ['merge-tree', '--write-tree', '--name-only', 'roadmap', 'roadmap-046'], {
      cwd: dir,
    });
    expect(merged.status).toBe(1);
    expect(merged.stdout.toString().split('\n')[1]).toBe('src/pricing.js');
  });
});
