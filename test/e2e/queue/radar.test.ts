import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { gate, untilStatus } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const pairs = (radar: readonly { readonly a: string; readonly b: string; readonly paths: readonly string[] }[] = []) =>
  radar.map(({ a, b, paths }) => [...[a, b].sort(), ...paths]).sort();

describe('the conflict radar', () => {
  it('tells two agents that touch the same lines before either has committed, and leaves both worktrees alone', async () => {
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['one/'] },
        { id: 'US-042', files: ['two/'] },
        { id: 'US-043', files: ['three/'] },
      ],
      files: { 'shared.txt': 'as it was\n' },
    });
    const open = gate(one, 'agents');
    one.write(
      join(one.base, 'agent.sh'),
      [
        '#!/bin/sh',
        'case $CM_KEY in',
        'US-041) echo "one way" > shared.txt ;;',
        'US-042) echo "another way" > shared.txt; git commit -qam "Another way" ;;',
        'US-043) echo new > new.txt ;;',
        'esac',
        open.wait,
      ].join('\n'),
    );
    const running = one.start('start', '--headless');
    const met = await untilStatus(one, ({ radar }) => radar !== undefined && radar.length > 0);
    expect(pairs(met.radar)).toEqual([['US-041', 'US-042', 'shared.txt']]);
    // Both are outside their items' files, and hear of it while there is time.
    const early = await untilStatus(one, ({ instances }) =>
      instances.slice(0, 2).every(({ violations }) => violations?.length === 1),
    );
    expect(early.instances.map(({ violations }) => violations?.map(({ code, path }) => `${code} ${path}`))).toEqual([
      ['scope shared.txt'],
      ['scope shared.txt'],
      expect.any(Array),
    ]);
    const paths = met.instances.map(({ worktreePath }) => worktreePath);
    expect(one.gitIn(paths[0] ?? '', 'status', '--porcelain')).toBe(' M shared.txt');
    // Nobody told of the third: it may only just be writing.
    await vi.waitFor(() => expect(one.gitIn(paths[2] ?? '', 'status', '--porcelain')).toBe('?? new.txt'), 30_000);

    // The user commits the same line: now both conflict with the target too.
    one.write('shared.txt', 'the way of the user\n');
    one.git('commit', '-qam', 'Mine');
    const all = await untilStatus(one, ({ radar }) => radar?.length === 3);
    expect(pairs(all.radar)).toEqual([
      ['US-041', 'US-042', 'shared.txt'],
      ['US-041', 'roadmap', 'shared.txt'],
      ['US-042', 'roadmap', 'shared.txt'],
    ]);
    expect(one.git('count-objects', '-v')).not.toContain('garbage: 1');
    running.kill('SIGTERM');
    await running.exit;
    open.open();
  });

  it.runIf(isLong)('goes on for branches that wait to land, and is over when one of them is given up', async () => {
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['one/'] },
        { id: 'US-042', files: ['two/'] },
      ],
      files: { 'shared.txt': 'as it was\n' },
      agent: 'echo "$CM_KEY" > shared.txt; git commit -qam "Work of $CM_KEY"',
    });
    const running = one.start('start', '--headless');
    // Outside their scopes, so that both wait for a person.
    const met = await untilStatus(one, ({ radar }) => radar !== undefined && radar.length > 0);
    expect(pairs(met.radar)).toEqual([['US-041', 'US-042', 'shared.txt']]);
    await one.run('queue', 'reject', 'US-041');
    await untilStatus(one, ({ radar }) => radar?.length === 0);
    running.kill('SIGTERM');
    await running.exit;
  });
});
