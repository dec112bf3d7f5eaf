import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../helpers/programs/product.ts';
import { finished, gate, landings, statesOf, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const item = (id: string) => ({ id, files: [`out/${id}.txt`] });

/** Lines of a file beside the repository, to which checks write what they do. */
function notes(one: Product, name: string): { readonly path: string; lines(): readonly string[] } {
  const path = join(one.base, name);
  return {
    path,
    lines: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []),
  };
}

describe('checks of what would land, from outside', () => {
  it('of two branches that are green alone and red together the first lands and the other does not', async () => {
    const one = temporaryProduct({ items: [item('US-041'), item('US-042')] });
    const seen = notes(one, 'trees');
    one.configure({
      checks: [
        `git rev-parse 'HEAD^{tree}' >> '${seen.path}'`,
        'echo "not ok 1 - few files"; seq 9; echo "looking"; test "$(ls out | wc -l)" -lt 2',
      ],
    });
    expect((await one.run(...headless)).code).toBe(1);
    const states = await statesOf(one);
    expect(Object.values(states).sort()).toEqual(['checks-failed', 'merged']);
    expect(landings(one)).toHaveLength(1);
    // Every tree that was ever the target's was one that the checks saw.
    expect(seen.lines()).toContain(one.git('rev-parse', 'roadmap^{tree}'));
    const failed = Object.keys(states).find(key => states[key] === 'checks-failed') ?? '';
    const entry = (await statusOf(one)).queue[0];
    expect(entry).toMatchObject({ key: failed, checks: { outcome: 'failed' } });
    // What failed, not the last that was printed.
    expect(entry?.checks?.detail).toContain('exit code 1: not ok 1 - few files');
    expect(entry?.checks?.lines).toEqual(['not ok 1 - few files']);
    const log = await one.run('logs', `check-${failed.slice(3)}`);
    expect(log).toMatchObject({ code: 0, stderr: '' });
    expect(log.stdout.split('\n')).toContain('looking');
    expect(log.stdout).toContain('$ echo "not ok 1 - few files"');
  });

  it('run before the approval, and count for what lands when it holds the very same tree', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    const seen = notes(one, 'trees');
    one.configure({ checks: [`git rev-parse 'HEAD^{tree}' >> '${seen.path}'`] });
    expect((await one.run('start', '--headless', '--exit-when-idle')).code).toBe(1);
    expect((await statusOf(one)).queue).toMatchObject([{ state: 'awaiting-approval', checks: { outcome: 'passed' } }]);
    expect(seen.lines()).toHaveLength(1);
    expect(landings(one)).toEqual([]);
    expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0 });
    expect(seen.lines()).toEqual([one.git('rev-parse', 'roadmap^{tree}')]);
  });

  it('go on when the coordinator is killed, and are neither run twice nor forgotten', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    const seen = notes(one, 'runs');
    const open = gate(one, 'checks');
    one.configure({ checks: [`echo run >> '${seen.path}'; ${open.wait}; echo done >> '${seen.path}'`] });
    const first = one.start(...headless);
    await first.event(event => event.type === 'check-running');
    first.kill('SIGKILL');
    await first.exit;
    const second = one.start(...headless);
    await second.event(event => event.type === 'checks-started');
    expect((await statusOf(one)).queue.map(({ state }) => state)).toEqual(['checking']);
    second.kill('SIGTERM');
    await second.exit;
    // Nobody is there when they end.
    open.open();
    const log = await one.run('logs', '-f', 'check-041');
    expect(log.code).toBe(0);
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(seen.lines()).toEqual(['run', 'done']);
    expect(landings(one)).toHaveLength(1);
  });

  it.runIf(isLong)('that could not be judged get one more try, those that failed none', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    const seen = notes(one, 'runs');
    one.configure({ checks: [`echo run >> '${seen.path}'; test "$(wc -l < '${seen.path}')" -gt 1 || kill -9 $$`] });
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(seen.lines()).toEqual(['run', 'run']);
    const two = temporaryProduct({ items: [item('US-041')] });
    const failing = notes(two, 'runs');
    two.configure({ checks: [`echo run >> '${failing.path}'; exit 1`] });
    expect((await two.run(...headless)).code).toBe(1);
    expect(failing.lines()).toEqual(['run']);
  });

  it.runIf(isLong)('end at their time limit, with everything that they started', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    const seen = notes(one, 'late');
    one.configure({ checks: [`(sleep 3; echo late >> '${seen.path}') & sleep 60`], checkTimeout: 1 });
    expect((await one.run(...headless)).code).toBe(1);
    const entry = (await statusOf(one)).queue[0];
    expect(entry).toMatchObject({ state: 'checks-failed', checks: { outcome: 'error' } });
    expect(entry?.checks?.detail).toContain('took longer than 1 s');
    expect(seen.lines()).toEqual([]);
  });

  it.runIf(isLong)('keep caches that were asked for, and nothing else', async () => {
    const one = temporaryProduct({ items: [item('US-041'), item('US-042')] });
    const seen = notes(one, 'found');
    one.configure({
      checks: [`ls -d cache rest 2>/dev/null >> '${seen.path}'; mkdir -p cache rest; touch cache/x rest/x`],
      checkKeep: ['cache'],
      maxParallel: 1,
    });
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(seen.lines()).toEqual(['cache']);
  });

  it('help nobody when the branch moves meanwhile: the yes is void, and its new head needs one of its own', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    const open = gate(one, 'checks');
    one.configure({ checks: [open.wait] });
    const running = one.start('start', '--headless');
    await finished(running, 'US-041');
    const merging = one.run('merge', 'US-041');
    await running.event(event => event.type === 'check-running');
    const worktree = `${one.root}-wt041`;
    one.write(join(worktree, 'out/US-041.txt'), 'more\n');
    const head = one.commit('More', worktree);
    open.open();
    expect(await merging).toMatchObject({ code: 1, stderr: expect.stringContaining('its branch moved') });
    expect(landings(one)).toEqual([]);
    expect((await statusOf(one)).queue).toMatchObject([{ state: 'awaiting-approval', head }]);
    expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0 });
    expect(one.read('out/US-041.txt')).toBe('more\n');
    running.kill('SIGTERM');
    await running.exit;
  });

  it.runIf(isLong)(
    'void what they found when the user commits meanwhile: both are on the target, and the merge was checked',
    async () => {
      const one = temporaryProduct({ items: [item('US-041')] });
      const open = gate(one, 'checks');
      const seen = notes(one, 'trees');
      one.configure({ checks: [`git rev-parse 'HEAD^{tree}' >> '${seen.path}'; ${open.wait}`] });
      const running = one.start(...headless);
      await running.event(event => event.type === 'check-running');
      one.write('mine.txt', 'mine\n');
      one.git('add', 'mine.txt');
      one.git('commit', '-qm', 'Mine');
      await running.event(event => event.type === 'landing-stopped' && event.state === 'queued');
      open.open();
      expect(await running.exit).toMatchObject({ code: 0 });
      expect(seen.lines()).toHaveLength(2);
      expect(seen.lines()[1]).toBe(one.git('rev-parse', 'roadmap^{tree}'));
      expect(one.read('mine.txt')).toBe('mine\n');
      expect(one.read('out/US-041.txt')).toBe('work of US-041\n');
      expect(one.git('log', '--first-parent', '--format=%s', '-2', 'roadmap').split('\n')).toEqual([
        'Merge US-041 parallel execution',
        'Mine',
      ]);
    },
  );
});
