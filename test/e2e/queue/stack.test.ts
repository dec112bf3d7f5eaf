import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onTerminal } from '../../helpers/programs/on-terminal.ts';
import type { Product } from '../../helpers/programs/product.ts';
import { landings, statesOf, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

/** Two items on one file, the second of which needs the first. */
function product(settings: Readonly<Record<string, unknown>> = {}): Product {
  const files = ['out.txt'];
  const one = temporaryProduct({
    items: [
      { id: 'US-041', files },
      { id: 'US-042', files, dependsOn: ['US-041'] },
    ],
    settings,
  });
  one.write(
    join(one.base, 'agent.sh'),
    '#!/bin/sh\nset -e\necho "$CM_KEY" >> out.txt\ngit add -A\ngit commit -qm "Work on $CM_KEY"\n',
  );
  return one;
}

const headless = ['start', '--headless', '--exit-when-idle'];

async function runOf(one: Product, key: string) {
  return (await statusOf(one)).instances.find(instance => instance.key === key);
}

/** Both have run, the second from the branch of the first, and wait for review. */
async function stacked(settings: Readonly<Record<string, unknown>> = {}): Promise<Product> {
  const one = product({ stack: true, ...settings });
  expect((await one.run(...headless)).code).toBe(1);
  expect(await statesOf(one)).toEqual({ 'US-041': 'awaiting-approval', 'US-042': 'awaiting-approval' });
  return one;
}

describe('an item on the branch of the one that it needs', () => {
  it('does not start there unasked; --stack asks for it', async () => {
    const one = product();
    expect((await one.run(...headless)).code).toBe(1);
    expect(await statesOf(one)).toEqual({ 'US-041': 'awaiting-approval' });
    const refused = await one.run('spawn', 'US-042');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('US-041 has not landed');
    expect(refused.stderr).toContain('Add --stack to start on its branch.');
    expect((await one.run('spawn', 'US-042', '--stack')).code).toBe(0);
    await one.run(...headless);
    expect(await runOf(one, 'US-042')).toMatchObject({
      state: 'awaiting-approval',
      stackedOn: { key: 'US-041', branchName: 'roadmap-041' },
    });
  });

  it('holds its own commits alone, and lands after it', async () => {
    const one = await stacked();
    expect(await runOf(one, 'US-042')).toMatchObject({ commits: 1, files: ['out.txt'] });
    expect(one.git('log', '--format=%s', 'roadmap-041..roadmap-042')).toBe('Work on US-042');
    const early = await one.run('merge', 'US-042');
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('US-042 is stacked on US-041, which has not landed. Land US-041 first.');
    expect((await one.run('merge', 'US-041')).code).toBe(0);
    expect((await one.run('merge', 'US-042')).code).toBe(0);
    expect(landings(one)).toHaveLength(2);
    expect(one.git('show', 'roadmap:out.txt')).toBe('US-041\nUS-042');
    expect(await runOf(one, 'US-042')).toMatchObject({ stackedOn: null, state: 'merged' });
  });

  it('brings its own commits alone to the target where the other one was squashed', async () => {
    const one = await stacked({ landing: 'squash' });
    expect((await one.run('merge', 'US-041')).code).toBe(0);
    await one.run(...headless);
    expect(await runOf(one, 'US-042')).toMatchObject({ state: 'awaiting-approval', commits: 1 });
    expect(one.git('log', '--format=%s', 'roadmap..roadmap-042')).toBe('Work on US-042');
    expect((await one.run('merge', 'US-042')).code).toBe(0);
    expect(one.git('show', 'roadmap:out.txt')).toBe('US-041\nUS-042');
  });

  it('follows new commits of the other one, also amended ones', async () => {
    const one = await stacked();
    const below = `${one.root}-wt041`;
    one.write(join(below, 'more.txt'), 'more\n');
    one.gitIn(below, 'add', '-A');
    one.gitIn(below, 'commit', '-q', '--amend', '-m', 'Work on US-041, amended');
    await one.run(...headless);
    expect(one.git('log', '--format=%s', 'roadmap..roadmap-042')).toBe('Work on US-042\nWork on US-041, amended');
    expect(await runOf(one, 'US-042')).toMatchObject({ state: 'awaiting-approval', commits: 1, files: ['out.txt'] });
    expect(one.gitIn(`${one.root}-wt042`, 'status', '--porcelain')).toBe('');
  });

  it('is held where the other one is rejected, free again with it, and can go on alone', async () => {
    const one = await stacked();
    expect((await one.run('queue', 'reject', 'US-041')).code).toBe(0);
    await one.run(...headless);
    const held = await runOf(one, 'US-042');
    expect(held?.state).toBe('blocked');
    expect(held?.reason).toContain('US-041, on which it is stacked, was rejected');
    expect((await one.run('merge', 'US-042')).code).toBe(1);
    await one.run('queue', 'release', 'US-041');
    await one.run(...headless);
    expect(await statesOf(one)).toEqual({ 'US-041': 'awaiting-approval', 'US-042': 'awaiting-approval' });
    await one.run('queue', 'reject', 'US-041');
    const alone = await one.run('replay', 'US-042');
    // Both append to one file: without the first line the second does not apply.
    expect(alone.code).toBe(1);
    expect(alone.stderr).toContain('out.txt');
    expect(await runOf(one, 'US-042')).toMatchObject({ stackedOn: null, state: 'needs-attention' });
    expect(landings(one)).toEqual([]);
  });

  it('lands by itself in a headless run that approves what is clean', async () => {
    const one = product({ stack: true });
    expect((await one.run(...headless, '--approve', 'clean')).code).toBe(0);
    expect(one.git('show', 'roadmap:out.txt')).toBe('US-041\nUS-042');
    expect(landings(one)).toHaveLength(2);
  });

  it('is asked for by key, can be reviewed, and cannot be approved before the other one has landed', async () => {
    const one = product();
    await one.run(...headless);
    const terminal = onTerminal(one);
    await terminal.waitForText('US-042 ◌ waits');
    terminal.press('G');
    await terminal.waitForText('▸US-042 ◌ waits');
    terminal.press('s');
    await terminal.waitForText('US-041 has not landed: start US-042 on its branch?');
    terminal.press('y');
    await terminal.waitForText('US-042 ◆ to review');
    terminal.press('m');
    await terminal.waitForText('Land US-042 on roadmap?');
    await terminal.waitForText('US-041, which has not landed; it lands after that');
    terminal.press('y');
    await terminal.waitForText('US-042 is stacked on US-041, which has not landed. Land US-041 first.');
    expect(landings(one)).toEqual([]);
  });
});
