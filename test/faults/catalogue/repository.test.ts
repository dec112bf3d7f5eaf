import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bearersOf, eventually } from '../../helpers/programs/survivors.ts';
import { isLong } from '../../helpers/tiers.ts';
import { atWork, landedKeys, leave, letGo, seen, shopOf, waiting, worktreeOf } from '../cases.ts';
import { headless } from '../invariants.ts';

/** Cases of the fault catalogue (docs/faults.md) in which somebody changes the repository under us; the number is the case's. */

const settings = { pollSeconds: 1 };

describe('the target', () => {
  test.runIf(isLong)(
    '27, 29: renamed away while agents work: nothing lands, nothing is lost, and all goes on when the user says so',
    async () => {
      const one = shopOf(2, { agent: waiting, settings });
      const owner = await atWork(one, 2);
      one.git('branch', '-m', 'roadmap', 'elsewhere');
      letGo(one);
      const paused = await owner.event(({ type }) => type === 'queue-paused');
      expect(paused).toMatchObject({ paused: true, reason: expect.stringContaining('roadmap no longer exists') });
      await eventually(() => bearersOf(one).length === 0, 'the end of the agents');
      expect(one.git('log', '--merges', '--format=%s', 'elsewhere')).toBe('');
      await leave(owner);
      one.git('branch', '-m', 'elsewhere', 'roadmap');
      expect((await one.run(...headless)).code, 'a person has to say that it may go on').toBe(1);
      expect((await one.run('queue', 'resume')).code).toBe(0);
      expect((await one.run(...headless)).code).toBe(0);
      expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
    },
  );

  test.runIf(isLong)(
    '27: force-moved back by the user: what they took away is not brought back by itself',
    async () => {
      const one = shopOf(1, { settings });
      expect((await one.run(...headless)).code).toBe(0);
      one.git('reset', '-q', '--hard', 'HEAD^1');
      const before = one.git('rev-parse', 'roadmap');
      expect((await one.run(...headless)).code).toBe(1);
      expect(one.git('rev-parse', 'roadmap')).toBe(before);
      expect((await seen(one))['US-041']?.state).not.toBe('merged');
    },
  );
});

describe('15: a power cut leaves refs empty', () => {
  test.runIf(isLong)("a run's branch: told, with the way back, and its worktree is untouched", async () => {
    const one = shopOf(1, { settings });
    const owner = one.start('start', '--headless');
    const judged = await owner.event(({ type }) => type === 'instance-judged');
    await leave(owner);
    writeFileSync(join(one.root, '.git/refs/heads/roadmap-041'), '');
    const run = (await seen(one))['US-041'];
    expect(run).toMatchObject({ state: 'needs-attention' });
    expect(run?.reason).toContain(String(judged.head));
    expect(one.read(join(worktreeOf(one), 'out/US-041.txt'))).toBe('work of US-041\n');
    writeFileSync(join(one.root, '.git/refs/heads/roadmap-041'), `${String(judged.head)}\n`);
    expect((await one.run(...headless)).code).toBe(0);
    expect(landedKeys(one)).toEqual(['US-041']);
  });

  test.runIf(isLong)(
    'the target: nothing is started or landed on what is no branch, and the sentence says so',
    async () => {
      const one = shopOf(1, { settings });
      const tip = one.git('rev-parse', 'roadmap');
      writeFileSync(join(one.root, '.git/refs/heads/roadmap'), '');
      const refused = await one.run(...headless);
      expect(refused.code).toBe(3);
      expect(refused.stderr).not.toBe('');
      expect(existsSync(worktreeOf(one))).toBe(false);
      writeFileSync(join(one.root, '.git/refs/heads/roadmap'), `${tip}\n`);
      expect((await one.run('queue', 'resume')).code).toBe(0);
      expect((await one.run(...headless)).code).toBe(0);
    },
  );
});

describe('branches and worktrees of runs', () => {
  test.runIf(isLong)(
    '31: a branch that is deleted is told, with the way back; its commit stays reachable',
    async () => {
      const one = shopOf(1, { settings });
      const owner = one.start('start', '--headless');
      const judged = await owner.event(({ type }) => type === 'instance-judged');
      one.gitIn(worktreeOf(one), 'checkout', '-q', '--detach');
      one.git('branch', '-D', 'roadmap-041');
      const again = await owner.event(({ type, reason }) => type === 'instance-judged' && reason !== null);
      expect(again).toMatchObject({ state: 'needs-attention' });
      expect(String(again.reason)).toContain(`git branch roadmap-041 ${String(judged.head)}`);
      one.git('branch', 'roadmap-041', String(judged.head));
      await leave(owner);
    },
  );

  test.runIf(isLong)(
    '32: the worktree is removed under a living agent: the agent is stopped, the branch is kept',
    async () => {
      const one = shopOf(2, { agent: waiting, settings });
      const owner = await atWork(one, 2);
      rmSync(worktreeOf(one), { recursive: true });
      const stopped = await owner.event(({ type }) => type === 'cancel-requested');
      expect(stopped).toMatchObject({ priorityId: 'US-041', reason: expect.stringContaining('worktree was removed') });
      letGo(one);
      await owner.event(({ type, priorityId }) => type === 'landed' && priorityId === 'US-042');
      expect(one.git('branch', '--list', 'roadmap-041')).not.toBe('');
      await leave(owner);
      expect(landedKeys(one)).toEqual(['US-042']);
    },
  );

  test.runIf(isLong)('32, 33: moved or removed after its end, what it committed lands all the same', async () => {
    const one = shopOf(2, { settings });
    const owner = one.start('start', '--headless');
    await owner.event(() => owner.events.filter(({ type }) => type === 'merge-predicted').length === 2);
    renameSync(worktreeOf(one, '041'), join(one.base, 'moved'));
    rmSync(worktreeOf(one, '042'), { recursive: true });
    await owner.event(({ type, text }) => type === 'notice-raised' && String(text).includes('041 is gone'));
    await one.run('merge', '--all-clean');
    await leave(owner);
    expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
    expect(existsSync(join(one.base, 'moved/out/US-041.txt'))).toBe(true);
  });

  test.runIf(isLong)("34: the user's own prune, gc and clean take nothing away", async () => {
    const one = shopOf(2, { agent: waiting, settings });
    const owner = await atWork(one, 2);
    const tidy = () => {
      one.git('worktree', 'prune');
      one.git('reflog', 'expire', '--expire=now', '--all');
      one.git('gc', '-q', '--prune=now');
      one.git('clean', '-ffdxq');
    };
    tidy();
    letGo(one);
    await owner.event(({ type }) => type === 'candidate-prepared');
    tidy();
    await owner.event(() => owner.events.filter(({ type }) => type === 'landed').length === 2);
    tidy();
    await leave(owner);
    expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
    expect(await one.tryGit(one.root, 'fsck', '--full')).toMatchObject({ code: 0 });
  });

  test.runIf(isLong)(
    "35: git's record of a worktree is removed: its files and its branch stay, the other item lands",
    async () => {
      const one = shopOf(2, { agent: waiting, settings });
      const owner = await atWork(one, 2);
      rmSync(join(one.root, '.git/worktrees/shop-wt041'), { recursive: true });
      letGo(one);
      await owner.event(({ type, priorityId }) => type === 'landed' && priorityId === 'US-042');
      await leave(owner);
      expect(landedKeys(one)).toEqual(['US-042']);
      expect(existsSync(join(worktreeOf(one), 'README.md'))).toBe(true);
      expect(one.git('branch', '--list', 'roadmap-041')).not.toBe('');
    },
  );
});
