import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Product, Running } from '../../helpers/programs/product.ts';
import { finished, gate, landings, statesOf, statusOf, untilStatus } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const keys = ['US-041', 'US-042', 'US-043'];

/** Three finished branches and checks that wait, each for its own word; `more` is run when that has come. */
async function waiting(more: string): Promise<{ one: Product; running: Running; open: (key: string) => void }> {
  const one = temporaryProduct({ items: keys.map(id => ({ id, files: [`out/${id}.txt`] })) });
  const gates = Object.fromEntries(keys.map(key => [key, gate(one, key)]));
  const cases = keys.map(key => `${key}) ${gates[key]?.wait} ;;`).join(' ');
  const note = `echo "$CM_KEY $(git rev-parse 'HEAD^{tree}')" >> '${join(one.base, 'runs')}'`;
  // Only what is approved is checked here, and each by itself: two that are approved at once would be one batch.
  one.configure({ checkEarly: false, batch: 1, checks: [`${note}; case $CM_KEY in ${cases} esac; ${more}`] });
  const running = one.start('start', '--headless');
  await finished(running, ...keys);
  for (const key of keys.slice(0, 2)) {
    void one.run('merge', key);
    await running.event(event => event.type === 'merge-approved' && event.priorityId === key);
  }
  return { one, running, open: key => gates[key]?.open() };
}

function runs(one: Product): readonly string[] {
  const file = join(one.base, 'runs');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

const started = (running: Running, key: string) =>
  running.event(event => event.type === 'check-running' && event.priorityId === key);
const landed = (running: Running, key: string) =>
  running.event(event => event.type === 'landed' && event.priorityId === key);

describe('checks ahead of their turn', () => {
  it('count as they are once what stood before has landed, and run at most one ahead', async () => {
    const { one, running, open } = await waiting('true');
    await started(running, 'US-041');
    await started(running, 'US-042');
    void one.run('merge', 'US-043');
    await running.event(event => event.type === 'merge-approved' && event.priorityId === 'US-043');
    expect((await statusOf(one)).queue.map(({ key, state }) => [key, state])).toEqual([
      ['US-041', 'checking'],
      ['US-042', 'queued'],
      ['US-043', 'queued'],
    ]);
    open('US-042');
    await running.event(event => event.type === 'checks-finished' && event.priorityId === 'US-042');
    expect(landings(one)).toEqual([]);
    expect(runs(one).map(line => line.split(' ')[0])).toEqual(['US-041', 'US-042']);
    open('US-041');
    await landed(running, 'US-042');
    open('US-043');
    await landed(running, 'US-043');
    expect(landings(one)).toEqual(keys.map(key => `Merge ${key} parallel execution`));
    // Each tree that the target ever showed is one that its checks saw, and none was looked at twice.
    const trees = one.git('log', '--first-parent', '--reverse', '--format=%T', '-3', 'roadmap').split('\n');
    expect(runs(one)).toEqual(keys.map((key, at) => `${key} ${trees[at]}`));
    running.kill('SIGTERM');
    await running.exit;
  });

  it.runIf(isLong)('never blame a branch for what stood before it', async () => {
    // The first breaks everything; the second is fine without it.
    const { one, running, open } = await waiting('test ! -e out/US-041.txt');
    await started(running, 'US-042');
    open('US-042');
    await running.event(event => event.type === 'checks-finished' && event.priorityId === 'US-042');
    expect((await statesOf(one))['US-042']).toBe('queued');
    open('US-041');
    await landed(running, 'US-042');
    expect(await statesOf(one)).toMatchObject({ 'US-041': 'checks-failed', 'US-042': 'merged' });
    expect(landings(one)).toEqual(['Merge US-042 parallel execution']);
    running.kill('SIGTERM');
    await running.exit;
  });

  it.runIf(isLong)(
    'nor for the checks that ran beside its own: what failed so is looked at once more, alone',
    async () => {
      // What cannot be there twice, such as a port: whoever comes second fails.
      const { one, running, open } = await waiting('test $CM_KEY = US-041 || test "$CM_CHECK_SLOT" = 0');
      open('US-042');
      await running.event(event => event.type === 'checks-finished' && event.priorityId === 'US-042');
      expect((await statusOf(one)).queue[1]).toMatchObject({ state: 'queued', checks: { outcome: 'failed' } });
      open('US-041');
      await landed(running, 'US-042');
      expect(landings(one)).toHaveLength(2);
      running.kill('SIGTERM');
      await running.exit;
    },
  );

  it.runIf(isLong)('end when they are of no use, and survive a crash of the coordinator', async () => {
    const { one, running, open } = await waiting('true');
    await started(running, 'US-042');
    running.kill('SIGKILL');
    await running.exit;
    const next = one.start('start', '--headless');
    await untilStatus(one, ({ queue }) => queue.some(({ state }) => state === 'checking'));
    // The user commits: both were built on a target that is no more.
    one.write('mine.txt', 'mine\n');
    one.git('add', 'mine.txt');
    one.git('commit', '-qm', 'Mine');
    await next.event(event => event.type === 'speculation-dropped' && event.priorityId === 'US-042');
    for (const key of keys) open(key);
    await landed(next, 'US-042');
    expect(landings(one)).toHaveLength(2);
    expect(one.read('mine.txt')).toBe('mine\n');
    const tip = one.git('rev-parse', 'roadmap^{tree}');
    expect(runs(one).at(-1)).toBe(`US-042 ${tip}`);
    next.kill('SIGTERM');
    await next.exit;
  });
});
