import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type FailpointName, failpointNames } from '../../source/adapters/failpoint.ts';
import { createJournal } from '../../source/adapters/journal/journal.ts';
import { notice } from '../helpers/core/journals.ts';
import type { Product } from '../helpers/programs/product.ts';
import { bearersOf, eventually } from '../helpers/programs/survivors.ts';
import { isLong, sampleOf } from '../helpers/tiers.ts';
import { assertInvariants, headless, journalEvents, untilIdle } from './invariants.ts';
import { createShop } from './shop.ts';

const checks = { checks: [['true']] };

function shop(count: number, settings: Readonly<Record<string, unknown>> = checks) {
  return createShop(count, { settings });
}

/** Runs the program with one failpoint armed (`<name>[:<n-th hit>]`); it has to die of it. */
async function killedAt(product: Product, point: string, ...args: readonly string[]): Promise<void> {
  const [name, at] = point.split(':');
  const arming = { CM_FAILPOINT: [name, 'kill', ...(at === undefined ? [] : [at])].join(':') };
  const result = await product.with(arming).run(...args);
  const told = journalEvents(product).map(({ type, data }) => `${type} ${JSON.stringify(data).slice(0, 200)}`);
  expect(result.code, `${point} was never reached: ${told.join('\n')}\n${result.stderr}`).toBe(null);
}

/** Points on the way of every item from the lock to its landing, in that order. */
const onTheWay: readonly FailpointName[] = [
  'lock.bound',
  'lock.written',
  'journal.create',
  'journal.append.before',
  'journal.append.half',
  'journal.append.written',
  'journal.append.sync',
  'journal.append.synced',
  'journal.open',
  'git.createWorktree.before',
  'git.createWorktree.noted',
  'git.createWorktree.registered',
  'git.createWorktree.added',
  'git.createWorktree.after',
  'process.start.before',
  'process.start.prepared',
  'process.start.spawned',
  'process.start.after',
  'git.prepare.before',
  'git.pin.before',
  'git.pin.after',
  'git.prepare.after',
  'checks.before',
  'checks.after',
  'git.land.before',
  'git.land.noted',
  'git.land.aside',
  'git.land.placed',
  'git.land.tree',
  'git.land.moved',
  'git.land.after',
];

/** One of each kind: the lock, the journal, a worktree, a process, a candidate, the checks, a landing before and after its files. */
const plainRun: readonly FailpointName[] = [
  'lock.written',
  'journal.append.half',
  'journal.append.synced',
  'git.createWorktree.registered',
  'git.createWorktree.after',
  'process.start.prepared',
  'process.start.spawned',
  'git.pin.after',
  'checks.after',
  'git.land.aside',
  'git.land.moved',
  'git.land.after',
];

/** Points that a run without faults does not pass, and where each is tried. */
const elsewhere: Readonly<Partial<Record<FailpointName, string>>> = {
  'journal.append.truncate': 'test/adapters/journal/faults.test.ts',
  'journal.aside.written': 'test/adapters/journal/faults.test.ts',
  'journal.recover.moved': 'test/adapters/journal/faults.test.ts',
  'git.replay.before': 'test/adapters/git/replay.test.ts',
  'git.replay.pinned': 'test/e2e/queue/replay.test.ts',
  'git.replay.after': 'test/e2e/queue/replay.test.ts',
  'timer.fired': 'test/e2e/survival/terminal.test.ts',
  'screen.draw': 'test/e2e/survival/terminal.test.ts',
};

const compaction: readonly FailpointName[] = [
  'journal.replace.before',
  'journal.replace.written',
  'journal.replace.renamed',
  'journal.replace.done',
];
const statusLines: readonly FailpointName[] = ['git.status.before', 'git.status.after'];
const cleaning: readonly FailpointName[] = [
  'git.clean.before',
  'git.clean.noted',
  'git.clean.removed',
  'git.clean.after',
];
/** Points that taking a landing back has in common with landing. */
const takingBack: readonly FailpointName[] = [
  'git.land.noted',
  'git.land.aside',
  'git.land.placed',
  'git.land.tree',
  'git.land.moved',
];
const cancelling: readonly FailpointName[] = ['process.kill.before', 'process.kill.after'];

const here = [...onTheWay, ...compaction, ...statusLines, ...cleaning, ...cancelling];
const oneByOne = here.length + takingBack.length;

test('every failpoint is tried somewhere', () => {
  expect([...here, ...Object.keys(elsewhere)].sort()).toEqual([...failpointNames].sort());
});

describe('killed at one step after the other, each time started again', { timeout: 240_000 }, () => {
  test('all items land once and nothing is lost', async () => {
    // One after the other: the first meets the points of the journal, the second those up to a start that is adopted, the third the rest.
    const { product, expected } = shop(3, { ...checks, maxParallel: 1 });
    for (const point of sampleOf(onTheWay, one => plainRun.includes(one))) await killedAt(product, point, ...headless);
    expect(await untilIdle(product)).toMatchObject({ code: 0 });
    await assertInvariants(product, expected, 'all points');
  });

  test.runIf(isLong)(
    '1, 2: just before and just after the intent of a spawn is on disk, it runs once, under its own name',
    async () => {
      const { product, expected } = shop(1, {});
      const requested = () => journalEvents(product).filter(({ type }) => type === 'instance-requested').length;
      await killedAt(product, 'journal.append.before:2', ...headless);
      expect(requested()).toBe(0);
      await killedAt(product, 'git.createWorktree.before', ...headless);
      expect(requested()).toBe(1);
      expect(existsSync(`${product.root}-wt041`)).toBe(false);
      expect(await untilIdle(product)).toMatchObject({ code: 0 });
      await assertInvariants(product, expected, 'around an intent');
      const { instances } = await product.json<{ instances: { slug: string }[] }>('status', '--json');
      expect(instances.map(({ slug }) => slug)).toEqual(['041']);
    },
  );

  test.runIf(isLong)('while the fold of the journal takes the place of the journal', async () => {
    const { product, expected } = shop(1, {});
    for (const point of compaction) {
      await manyRecords(product);
      await killedAt(product, point, ...headless);
    }
    expect(await untilIdle(product)).toMatchObject({ code: 0 });
    await assertInvariants(product, expected, 'all points of a compaction');
    expect(journalEvents(product)[1]).toMatchObject({ type: 'snapshot' });
    expect(journalEvents(product).length).toBeLessThan(500);
  });

  test.runIf(isLong)('while a status line is written after its landing', async () => {
    const { product, expected } = shop(1, {});
    const roadmap = 'docs/roadmap/ROADMAP.md';
    const text = product.read(roadmap);
    product.write(roadmap, `${text}\nThe user writes here.\n`);
    expect((await product.run(...headless)).code, 'its status line still waits').toBe(1);
    product.write(roadmap, text);
    for (const point of statusLines) await killedAt(product, point, ...headless);
    expect(await untilIdle(product)).toMatchObject({ code: 0 });
    const statusCommits = ['Set US-041 to complete'];
    await assertInvariants(product, { ...expected, statusCommits }, 'all points of a status line');
    expect(product.git('show', `roadmap:${roadmap}`)).toContain('**Status**: ✅ Complete');
  });

  test.runIf(isLong)('while a landing is taken back', async () => {
    const { product, expected } = shop(2, { maxParallel: 1 });
    expect(await product.run(...headless)).toMatchObject({ code: 0 });
    const before = product.git('rev-parse', 'roadmap^1');
    for (const point of takingBack) {
      await killedAt(product, point, 'undo');
      // The next start finishes what was asked for.
      expect((await product.run(...headless)).code, point).toBe(1);
      expect(product.git('rev-parse', 'roadmap'), point).toBe(before);
      const { instances } = await product.json<{ instances: { key: string; state: string }[] }>('status', '--json');
      expect(
        instances.map(({ state }) => state),
        point,
      ).toEqual(['merged', 'blocked']);
      for (const [path, text] of Object.entries(expected.userFiles)) expect(product.read(path), point).toBe(text);
      expect(await product.run('merge', 'US-042'), point).toMatchObject({ code: 0 });
    }
    await assertInvariants(product, expected, 'all points of an undo');
  });

  test.runIf(isLong)('while worktrees and branches of what has landed are removed', async () => {
    const { product, expected } = shop(2, {});
    expect(await product.run(...headless)).toMatchObject({ code: 0 });
    for (const point of cleaning) await killedAt(product, point, 'clean', '--yes');
    expect(await product.run('clean', '--yes')).toMatchObject({ code: 0 });
    await assertInvariants(product, expected, 'all points of a clean-up');
    expect(product.git('branch', '--list', 'roadmap-*')).toBe('');
    expect(product.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  test.runIf(isLong)('while a process tree is ended', async () => {
    const { product } = createShop(1, { agent: 'setsid sleep 300 & sleep 300' });
    expect(await product.run('spawn', '--priority', 'US-041')).toMatchObject({ code: 0 });
    await eventually(
      () => bearersOf(product).filter(({ command }) => command === 'sleep 300').length === 2,
      'two sleepers',
    );
    for (const point of cancelling) await killedAt(product, point, 'cancel', 'US-041');
    expect(await product.run('cancel', 'US-041')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('was cancelled'),
    });
    expect(bearersOf(product)).toEqual([]);
    const { instances } = await product.json<{ instances: { state: string }[] }>('status', '--json');
    expect(instances.map(({ state }) => state)).toEqual(['cancelled']);
  });
});

const failing = onTheWay.flatMap(point => [[point, 'throw'] as const, [point, 'enospc'] as const]);

/** With four items at once, a point is passed up to this often. */
const mostHits = 6;

const tried = { kills: 0, failures: 0 };

describe('four items at once', { timeout: 240_000 }, () => {
  afterAll(() => {
    const points = isLong ? oneByOne : plainRun.length;
    const atOnce = `${tried.kills} kills and ${tried.failures} failures with four items at once`;
    console.log(`Failpoints: killed at ${points} of ${oneByOne} one after the other, ${atOnce}.`);
  });

  test.runIf(isLong).each(onTheWay)('killed at the n-th hit of %s, then started again until idle', async point => {
    for (let hit = 1; hit <= mostHits; hit++) {
      const { product, expected } = shop(4);
      const result = await product.with({ CM_FAILPOINT: `${point}:kill:${hit}` }).run(...headless);
      if (result.code === 0) break;
      tried.kills++;
      expect(await untilIdle(product)).toMatchObject({ code: 0 });
      await assertInvariants(product, expected, `${point} ${hit}`);
      product.cleanup();
    }
  });

  test.runIf(isLong).each(failing)(
    '%s fails once (%s): what was lost by it is tried again on request and nothing else is lost',
    async (point, action) => {
      const { product, expected } = shop(4);
      await product.with({ CM_FAILPOINT: `${point}:${action}:1` }).run(...headless);
      tried.failures++;
      const { instances } = await product.json<{ instances: { key: string; state: string }[] }>('status', '--json');
      for (const { key } of instances.filter(({ state }) => state === 'failed')) {
        expect(await product.run('spawn', '--priority', key)).toMatchObject({ code: 0 });
      }
      expect(await untilIdle(product)).toMatchObject({ code: 0 });
      await assertInvariants(product, expected, `${point} ${action}`);
    },
  );
});

/** Brings the journal to where it is due to be compacted. */
async function manyRecords(product: Product): Promise<void> {
  const dir = join(product.root, '.git/cm-tui');
  const journal = createJournal({ dir, bootId: 'test', uptime: () => 0, now: Date.now });
  await journal.load();
  for (let n = 1; n <= 500; n++) journal.append(notice(n), n === 500);
  journal.close();
}
