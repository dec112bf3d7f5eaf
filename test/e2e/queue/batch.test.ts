import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { landings, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

/** Eight branches in the long programme. The second and the third write the same file, the fourth one that the checks refuse. */
const keys = Array.from({ length: isLong ? 8 : 4 }, (_, index) => `US-10${index + 1}`);

describe('a batch', () => {
  it('lands what is green by moves to checked trees only, and blames the red one and the one that conflicts', async () => {
    const one = temporaryProduct({
      items: keys.map(id => ({ id })),
      agent: `mkdir -p out
case $CM_KEY in US-102|US-103) echo "$CM_KEY" > out/shared.txt ;; US-104) echo red > out/red.txt ;; *) echo work > "out/$CM_KEY.txt" ;; esac
git add -A; git commit -qm "work of $CM_KEY"`,
      settings: { unknownScope: 'parallel', maxParallel: 8, batch: 8, checkEarly: false },
    });
    // All of them wait for review before the first is approved.
    const made = await one.run('start', '--headless', '--exit-when-idle');
    expect(made.code).toBe(1);
    const seen = join(one.base, 'trees');
    one.configure({
      unknownScope: 'parallel',
      batch: 8,
      checkEarly: false,
      checks: [`git rev-parse 'HEAD^{tree}' >> '${seen}'; test ! -e out/red.txt`],
    });
    const before = one.git('rev-parse', 'roadmap');
    const result = await one.run('start', '--headless', '--approve', 'clean', '--exit-when-idle');
    expect(result.code).toBe(1);
    const { instances } = await statusOf(one);
    const states = Object.fromEntries(instances.map(({ key, state }) => [key, state]));
    const green = keys.filter(key => !['US-102', 'US-103', 'US-104'].includes(key));
    for (const key of green) expect([key, states[key]]).toEqual([key, 'merged']);
    expect(states['US-104']).toBe('checks-failed');
    expect([states['US-102'], states['US-103']].sort()).toEqual(['conflict', 'merged']);
    expect(landings(one)).toHaveLength(keys.length - 2);
    // The log of the target names each commit that it ever rested at; the checks saw every one of them.
    const trees = new Set(existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : []);
    const rested = one.git('reflog', 'show', '--format=%H', 'roadmap').split('\n');
    const moves = rested.slice(0, rested.indexOf(before));
    expect(moves.length).toBeGreaterThan(0);
    for (const oid of moves) expect(trees).toContain(one.git('rev-parse', `${oid}^{tree}`));
    const events = result.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string; priorityId?: string });
    expect(events.filter(({ type }) => type === 'batch-failed').length).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === 'landed')).toHaveLength(keys.length - 2);
  });
});
