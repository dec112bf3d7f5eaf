import { describe, expect, it } from 'vitest';
import { finished, gate, landings, statusOf, untilStatus } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const items = ['US-041', 'US-042', 'US-043', 'US-044'].map(id => ({ id, files: [`out/${id}.txt`] }));

describe('the order of the merge queue, from outside', () => {
  it('lands what was put on top first, what is held not at all, and what was sent back last', async () => {
    const one = temporaryProduct({ items });
    const open = gate(one, 'checks');
    // The first checks are those of what was approved first.
    one.configure({ checkEarly: false, checks: [open.wait], maxParallel: 4, batch: 1 });
    const running = one.start('start', '--headless');
    await finished(running, 'US-041', 'US-042', 'US-043', 'US-044');
    // Whoever approves waits for the landing; what counts is that the coordinator has heard it.
    const approved = [];
    for (const { id } of items) {
      approved.push(one.run('merge', id));
      await running.event(event => event.type === 'merge-approved' && event.priorityId === id);
    }
    await running.event(event => event.type === 'checks-started');
    expect((await one.run('queue', 'jump', 'US-041')).code).toBe(0);
    expect((await one.run('queue', 'jump', 'US-044')).stdout).toBe('US-044 lands next.\n');
    expect((await one.run('queue', 'hold', 'US-043')).stdout).toContain('is held');
    expect((await one.run('queue', 'requeue', 'US-042', '--class', 'low')).code).toBe(0);
    const listed = (await statusOf(one)).queue.map(({ key, state, place, waits }) => [key, state, place, waits]);
    expect(listed).toEqual([
      ['US-041', 'checking', 1, null],
      ['US-044', 'queued', 2, null],
      ['US-043', 'queued', 3, 'held; release it to land'],
      ['US-042', 'queued', 4, null],
    ]);
    open.open();
    await running.event(event => event.type === 'landed' && event.priorityId === 'US-042');
    expect((await statusOf(one)).queue.map(({ key }) => key)).toEqual(['US-043']);
    expect((await one.run('queue', 'release', 'US-043')).code).toBe(0);
    await running.event(event => event.type === 'landed' && event.priorityId === 'US-043');
    expect(landings(one)).toEqual(['041', '044', '042', '043'].map(n => `Merge US-${n} parallel execution`));
    expect((await Promise.all(approved)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    running.kill('SIGTERM');
    await running.exit;
  });

  it.runIf(isLong)(
    'asks before it lands what needs something that was given up, and lands it when that was accepted',
    async () => {
      const one = temporaryProduct({
        items: [
          { id: 'US-041', files: ['out/US-041.txt'] },
          { id: 'US-042', files: ['out/US-042.txt'] },
        ],
      });
      const running = one.start('start', '--headless');
      await finished(running, 'US-041', 'US-042');
      const before = one.read('docs/roadmap/ROADMAP.md');
      one.write(
        'docs/roadmap/ROADMAP.md',
        before.replace('**Files**: `out/US-042.txt`', '**Files**: `out/US-042.txt`\n**Dependencies**: US-041'),
      );
      one.git('commit', '-qm', 'One needs the other after all', '--', 'docs/roadmap/ROADMAP.md');
      const merging = one.run('merge', 'US-042');
      await untilStatus(one, ({ queue }) => queue.some(({ waits }) => waits === 'waits for US-041 to land'));
      expect((await one.run('queue', 'reject', 'US-041')).code).toBe(0);
      expect(await merging).toMatchObject({ code: 1 });
      const asked = (await statusOf(one)).queue.find(({ key }) => key === 'US-042');
      expect(asked).toMatchObject({ state: 'blocked', violations: [{ code: 'dependency', path: 'US-041' }] });
      const refused = await one.run('merge', 'US-042');
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain('depends on US-041, which was rejected');
      expect(landings(one)).toEqual([]);
      expect(await one.run('merge', 'US-042', '--accept')).toMatchObject({ code: 0, stderr: '' });
      expect(landings(one)).toEqual(['Merge US-042 parallel execution']);
      running.kill('SIGTERM');
      await running.exit;
    },
  );
});
