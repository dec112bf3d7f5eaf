import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../helpers/programs/product.ts';
import { gate, landings, statesOf, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const onRoadmap = [...headless, '--target', 'roadmap'];
const merged = ['Merge US-041 parallel execution'];

async function blocked(one: Product): Promise<string> {
  const [instance] = (await statusOf(one)).instances;
  expect(instance).toMatchObject({ state: 'blocked' });
  return instance?.reason ?? '';
}

describe('the target, wherever it is', () => {
  it.runIf(isLong)('not checked out: only its ref moves', async () => {
    const one = temporaryProduct();
    one.git('switch', '-qc', 'mine');
    one.write('README.md', '# Mine\n');
    expect(await one.run(...onRoadmap)).toMatchObject({ code: 0 });
    expect(landings(one)).toEqual(merged);
    expect(one.git('status', '--porcelain', '--branch')).toBe('## mine\n M README.md');
    expect(existsSync(join(one.root, 'out'))).toBe(false);
  });

  it('renamed while work waits: named as lost, and landed on the new one once that was said and approved', async () => {
    const one = temporaryProduct();
    await one.run('start', '--headless', '--exit-when-idle', '--target', 'roadmap');
    one.git('branch', '-m', 'roadmap', 'trunk');
    const fix = 'cm-tui retarget BRANCH';
    const lost = await one.run('merge', 'US-041', '--target', 'trunk');
    expect(lost).toMatchObject({ code: 1, stderr: expect.stringContaining(fix) });
    for (const command of ['plan', 'queue', 'doctor']) expect((await one.run(command)).stdout, command).toContain(fix);
    one.git('tag', 'v1');
    const refused = await one.run('retarget', 'v1');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('v1 is not a local branch') });
    one.git('symbolic-ref', 'refs/heads/main', 'refs/heads/trunk');
    const moved = await one.run('retarget', 'US-041', 'main', '--json');
    expect(moved.code, moved.stderr).toBe(0);
    expect(JSON.parse(moved.stdout)).toMatchObject({
      target: 'trunk',
      runs: [{ key: 'US-041', target: 'trunk', state: 'awaiting-approval' }],
    });
    expect(one.git('log', '--format=%s', 'trunk')).not.toContain(merged[0]);
    expect((await statusOf(one)).queuePaused).toBe(null);
    expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0 });
    expect(one.git('log', '--first-parent', '--merges', '--format=%s', 'trunk')).toBe(merged[0]);
    expect((await one.run('retarget', 'US-041', 'trunk')).stderr).toContain('US-041 has already landed on trunk.');
  });

  it('checked out and dirty: what is not in the way stays as it is, what is in the way stops the landing', async () => {
    const one = temporaryProduct({ files: { 'out/old.txt': 'old\n' } });
    one.write('README.md', '# Mine\n');
    one.write('out/US-041.txt', 'mine, not tracked\n');
    expect((await one.run(...headless)).code).toBe(1);
    expect(await blocked(one)).toContain('out/US-041.txt');
    expect(one.read('out/US-041.txt')).toBe('mine, not tracked\n');
    one.git('clean', '-fq', 'out');
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(one.git('status', '--porcelain')).toBe(' M README.md');
    expect(one.read('out/US-041.txt')).toBe('work of US-041\n');
  });

  it.runIf(isLong)('under rebase: blocked with the place, and landed once that is over', async () => {
    const one = temporaryProduct({ files: { 'a.txt': 'one\n' } });
    one.git('switch', '-qc', 'other');
    one.write('a.txt', 'theirs\n');
    one.git('commit', '-qam', 'Theirs');
    one.git('switch', '-q', 'roadmap');
    one.write('a.txt', 'mine\n');
    one.git('commit', '-qam', 'Mine');
    await one.run('start', '--headless', '--exit-when-idle');
    expect((await one.tryGit(one.root, 'rebase', 'other')).code).toBe(1);
    const refused = await one.run('merge', 'US-041', '--target', 'roadmap');
    expect(refused.code).toBe(1);
    expect(await one.json<unknown>('status', '--json', '--target', 'roadmap')).toMatchObject({
      instances: [{ state: 'blocked', reason: expect.stringContaining('rebase') }],
    });
    one.git('rebase', '--abort');
    expect(one.read('a.txt')).toBe('mine\n');
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(landings(one)).toEqual(merged);
  });

  it('in linked worktrees: started in one, its branch is the target; an item may name the branch of another', async () => {
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['out/US-041.txt'] },
        { id: 'US-042', files: ['out/US-042.txt'], extra: '**Target**: `release`' },
      ],
    });
    const [trunk, release] = [join(one.base, 'trunk'), join(one.base, 'release')];
    one.git('worktree', 'add', '-q', '-b', 'trunk', trunk);
    one.git('worktree', 'add', '-q', '-b', 'release', release);
    const inTrunk = ['--repo', trunk];
    one.write(join(release, 'out/US-042.txt'), 'mine\n');
    expect((await one.run(...headless, ...inTrunk)).code).toBe(1);
    const plan = await one.run('plan', ...inTrunk);
    expect(plan.stdout).toContain(`US-042 cannot land while out/US-042.txt in ${release} is not tracked`);
    expect((await one.run('doctor', ...inTrunk)).stdout).toContain(`US-042 cannot land while out/US-042.txt`);
    one.gitIn(release, 'clean', '-fq', 'out');
    expect((await one.run(...headless, ...inTrunk)).code).toBe(0);
    expect(one.gitIn(trunk, 'log', '--first-parent', '--merges', '--format=%s')).toBe(
      'Merge US-041 parallel execution',
    );
    expect(one.gitIn(release, 'log', '--first-parent', '--merges', '--format=%s')).toBe(
      'Merge US-042 parallel execution',
    );
    for (const tree of [trunk, release, one.root]) expect(one.gitIn(tree, 'status', '--porcelain')).toBe('');
    expect(one.read(join(release, 'out/US-042.txt'))).toBe('work of US-042\n');
    expect(one.git('log', '--merges', '--format=%s', 'roadmap')).toBe('');
  });

  it.runIf(isLong)('in a bare repository: lands without any checkout', async () => {
    const one = temporaryProduct();
    const bare = join(one.base, 'bare.git');
    one.git('clone', '-q', '--bare', '.', bare);
    const config = ['config', 'set', 'agents', JSON.stringify({ script: { command: join(one.base, 'agent.sh') } })];
    for (const args of [config, ['config', 'set', 'agent', 'script']]) {
      expect(await one.run(...args, '--repo', bare)).toMatchObject({ code: 0 });
    }
    const result = await one.run(...onRoadmap, '--repo', bare);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(one.gitIn(bare, 'log', '--merges', '--format=%s', 'roadmap')).toBe(merged[0]);
    expect(one.gitIn(bare, 'show', 'roadmap:out/US-041.txt')).toBe('work of US-041');
  });

  it('moved back by the user: landing pauses, and nothing that they took away comes back by itself', async () => {
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['out/'] },
        { id: 'US-042', files: ['more/'] },
      ],
    });
    const open = gate(one, 'agents');
    one.write(
      `${one.base}/agent.sh`,
      `#!/bin/sh\n[ $CM_KEY = US-042 ] && { ${open.wait}; mkdir more; }\nmkdir -p out; echo x > "$([ $CM_KEY = US-042 ] && echo more || echo out)/x.txt"; git add -A; git commit -qm work\n`,
    );
    const before = one.git('rev-parse', 'HEAD');
    const running = one.start(...headless);
    await running.event(event => event.type === 'landed');
    one.git('reset', '-q', '--hard', before);
    open.open();
    await running.exit;
    // The other one was built on a target that the user went back from.
    const { queuePaused } = await statusOf(one);
    const again = await one.run(...headless);
    expect(again.code).toBe(1);
    expect((await statusOf(one)).queuePaused ?? queuePaused).toContain('was reset to an earlier commit');
    expect(landings(one)).not.toContain('Merge US-041 parallel execution');
    expect(await statesOf(one)).toMatchObject({ 'US-041': 'blocked' });
  });
});
