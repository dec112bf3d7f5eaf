import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { committingAgent, createProduct, type Product, type Running } from '../helpers/product.ts';
import { bearersOf, endBearers, eventually } from '../helpers/survivors.ts';
import { headless } from './invariants.ts';

/** Cases of the fault catalogue (docs/faults.md) in which somebody changes the repository under us; the number is the case's. */

const made: Product[] = [];
afterEach(() => {
  for (const one of made.splice(0)) {
    endBearers(one);
    one.cleanup();
  }
});

function product(count: number, agent: string, files: Readonly<Record<string, string>> = {}): Product {
  const items = Array.from({ length: count }, (_, at) => `US-04${at + 1}`).map(id => ({
    id,
    files: [`out/${id}.txt`],
  }));
  const one = createProduct({ items, agent, files, settings: { pollSeconds: 1 } });
  made.push(one);
  return one;
}

const waiting = `until [ -e "$(dirname "$0")/go" ]; do sleep 0.05; done\n${committingAgent}`;
const letGo = (one: Product) => writeFileSync(join(one.base, 'go'), '');
const only = (key: string, script: string) =>
  `if [ "$CM_KEY" = ${key} ]; then\n${script}\nelse\n${committingAgent}\nfi`;

interface Seen {
  readonly key: string;
  readonly state: string;
  readonly reason: string | null;
}

async function seen(one: Product): Promise<Readonly<Record<string, Seen>>> {
  const { instances } = await one.json<{ readonly instances: readonly Seen[] }>('status', '--json');
  return Object.fromEntries(instances.map(instance => [instance.key, instance]));
}

const landedKeys = (one: Product) =>
  one
    .git('log', '--merges', '--format=%s', 'roadmap')
    .split('\n')
    .filter(Boolean)
    .map(subject => subject.split(' ')[1])
    .sort();

/** An owner that goes on until it is told to leave, with `count` agents waiting to be let go. */
async function atWork(one: Product, count: number): Promise<Running> {
  const owner = one.start('start', '--headless', '--approve', 'clean');
  await owner.event(() => owner.events.filter(({ type }) => type === 'instance-started').length === count);
  return owner;
}

async function leave(owner: Running): Promise<void> {
  owner.kill('SIGTERM');
  await owner.exit;
}

const wt = (one: Product, slug = '041') => `${one.root}-wt${slug}`;

describe('the target', () => {
  test('27, 29: renamed away while agents work: nothing lands, nothing is lost, and all goes on when the user says so', async () => {
    const one = product(2, waiting);
    const owner = await atWork(one, 2);
    one.git('branch', '-m', 'roadmap', 'elsewhere');
    letGo(one);
    const paused = await owner.event(({ type }) => type === 'queue-paused');
    expect(paused).toMatchObject({ paused: true, reason: expect.stringContaining('roadmap does not exist any more') });
    await eventually(() => bearersOf(one).length === 0, 'the end of the agents');
    expect(one.git('log', '--merges', '--format=%s', 'elsewhere')).toBe('');
    await leave(owner);
    one.git('branch', '-m', 'elsewhere', 'roadmap');
    expect((await one.run(...headless)).code, 'a person has to say that it may go on').toBe(1);
    expect((await one.run('queue', 'resume')).code).toBe(0);
    expect((await one.run(...headless)).code).toBe(0);
    expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
  });

  test('27: force-moved back by the user: what they took away is not brought back by itself', async () => {
    const one = product(1, committingAgent);
    expect((await one.run(...headless)).code).toBe(0);
    one.git('reset', '-q', '--hard', 'HEAD^1');
    const before = one.git('rev-parse', 'roadmap');
    expect((await one.run(...headless)).code).toBe(1);
    expect(one.git('rev-parse', 'roadmap')).toBe(before);
    expect((await seen(one))['US-041']?.state).not.toBe('merged');
  });
});

describe('15: a power cut leaves refs empty', () => {
  test("a run's branch: told, with the way back, and its worktree is untouched", async () => {
    const one = product(1, committingAgent);
    const owner = one.start('start', '--headless');
    const judged = await owner.event(({ type }) => type === 'instance-judged');
    await leave(owner);
    writeFileSync(join(one.root, '.git/refs/heads/roadmap-041'), '');
    const run = (await seen(one))['US-041'];
    expect(run).toMatchObject({ state: 'needs-attention' });
    expect(run?.reason).toContain(String(judged.head));
    expect(one.read(join(wt(one), 'out/US-041.txt'))).toBe('work of US-041\n');
    writeFileSync(join(one.root, '.git/refs/heads/roadmap-041'), `${String(judged.head)}\n`);
    expect((await one.run(...headless)).code).toBe(0);
    expect(landedKeys(one)).toEqual(['US-041']);
  });

  test('the target: nothing is started or landed on what is no branch, and the sentence says so', async () => {
    const one = product(1, committingAgent);
    const tip = one.git('rev-parse', 'roadmap');
    writeFileSync(join(one.root, '.git/refs/heads/roadmap'), '');
    const refused = await one.run(...headless);
    expect(refused.code).toBe(3);
    expect(refused.stderr).not.toBe('');
    expect(existsSync(wt(one))).toBe(false);
    writeFileSync(join(one.root, '.git/refs/heads/roadmap'), `${tip}\n`);
    expect((await one.run('queue', 'resume')).code).toBe(0);
    expect((await one.run(...headless)).code).toBe(0);
  });
});

describe('branches and worktrees of runs', () => {
  test('31: a branch that is deleted is told, with the way back; its commit stays reachable', async () => {
    const one = product(1, committingAgent);
    const owner = one.start('start', '--headless');
    const judged = await owner.event(({ type }) => type === 'instance-judged');
    one.gitIn(wt(one), 'checkout', '-q', '--detach');
    one.git('branch', '-D', 'roadmap-041');
    const again = await owner.event(({ type, reason }) => type === 'instance-judged' && reason !== null);
    expect(again).toMatchObject({ state: 'needs-attention' });
    expect(String(again.reason)).toContain(`git branch roadmap-041 ${String(judged.head)}`);
    one.git('branch', 'roadmap-041', String(judged.head));
    await leave(owner);
  });

  test('32: the worktree is removed under a living agent: the agent is stopped, the branch is kept', async () => {
    const one = product(2, waiting);
    const owner = await atWork(one, 2);
    rmSync(wt(one), { recursive: true });
    const stopped = await owner.event(({ type }) => type === 'cancel-requested');
    expect(stopped).toMatchObject({ priorityId: 'US-041', reason: expect.stringContaining('worktree was removed') });
    letGo(one);
    await owner.event(({ type, priorityId }) => type === 'landed' && priorityId === 'US-042');
    expect(one.git('branch', '--list', 'roadmap-041')).not.toBe('');
    await leave(owner);
    expect(landedKeys(one)).toEqual(['US-042']);
  });

  test('32, 33: moved or removed after its end, what it committed lands all the same', async () => {
    const one = product(2, committingAgent);
    const owner = one.start('start', '--headless');
    await owner.event(() => owner.events.filter(({ type }) => type === 'merge-predicted').length === 2);
    renameSync(wt(one, '041'), join(one.base, 'moved'));
    rmSync(wt(one, '042'), { recursive: true });
    await owner.event(({ type, text }) => type === 'notice-raised' && String(text).includes('041 is gone'));
    await one.run('merge', '--all-clean');
    await leave(owner);
    expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
    expect(existsSync(join(one.base, 'moved/out/US-041.txt'))).toBe(true);
  });

  test("34: the user's own prune, gc and clean take nothing away", async () => {
    const one = product(2, waiting);
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

  test("35: git's record of a worktree is removed: its files and its branch stay, the other item lands", async () => {
    const one = product(2, waiting);
    const owner = await atWork(one, 2);
    rmSync(join(one.root, '.git/worktrees/shop-wt041'), { recursive: true });
    letGo(one);
    await owner.event(({ type, priorityId }) => type === 'landed' && priorityId === 'US-042');
    await leave(owner);
    expect(landedKeys(one)).toEqual(['US-042']);
    expect(existsSync(join(wt(one), 'README.md'))).toBe(true);
    expect(one.git('branch', '--list', 'roadmap-041')).not.toBe('');
  });
});

describe('agents that do what they should not', () => {
  const misdeeds: Readonly<Record<string, string>> = {
    'checks out another branch': 'git checkout -q -b other && echo x > x.txt && git add -A && git commit -qm other',
    'throws its own work away': `${committingAgent}; git reset -q --hard HEAD^`,
    'deletes the branch of a sibling': 'git branch -D roadmap-042 2>/dev/null; true',
    'removes the worktree of a sibling': 'git worktree remove --force ../shop-wt042 2>/dev/null; true',
    'moves the target by hand': 'git update-ref refs/heads/roadmap HEAD; git branch -f roadmap HEAD 2>/dev/null; true',
    'leaves a merge half done':
      'git checkout -q -b side; echo a > README.md; git commit -qam a; git checkout -q roadmap-041; echo b > README.md; git commit -qam b; git merge side >/dev/null 2>&1; true',
  };

  test.each(Object.entries(misdeeds))(
    '36: one %s; the other lands untouched and nothing of the user changes',
    async (_what, script) => {
      const one = product(2, only('US-041', script));
      one.write('mine.txt', 'mine\n');
      await one.run(...headless);
      expect(landedKeys(one)).toEqual(['US-042']);
      expect(one.read('mine.txt')).toBe('mine\n');
      expect(one.git('status', '--porcelain')).toBe('?? mine.txt');
      expect((await seen(one))['US-041']?.state).toMatch(/^(no-work|needs-attention|failed|blocked)$/);
    },
  );

  test('39: a repository of its own, pipes, loops of links and many files do not hold up the look at it', async () => {
    const script = [
      'git init -q nested && (cd nested && echo n > n.txt && git add -A && git commit -qm nested)',
      'mkfifo pipe; ln -s . loop; ln -s loop loop/again 2>/dev/null',
      'mkdir many; for n in $(seq 3000); do : > many/$n; done',
      'head -c 20000000 /dev/zero > huge.bin',
    ].join('\n');
    const one = product(2, only('US-041', script));
    await one.run(...headless);
    const runs = await seen(one);
    expect(runs['US-041']).toMatchObject({ state: 'needs-attention' });
    expect(runs['US-041']?.reason).toMatch(/left uncommitted: .* and \d+ more/);
    expect(landedKeys(one)).toEqual(['US-042']);
  });

  test('38: ignored files of an agent do not hinder its landing, and are not lost by a clean-up', async () => {
    const one = product(1, `${committingAgent}; echo secret > .env`, { '.gitignore': '.env\n' });
    expect((await one.run(...headless)).code).toBe(0);
    expect((await one.run('clean', '--yes')).stderr).toContain('never loses files');
    expect(readFileSync(join(wt(one), '.env'), 'utf8')).toBe('secret\n');
  });
});

describe('repositories of odd kinds', () => {
  test('60: hooks that fail or hang have no say in what we do; those of an agent run in the agent', async () => {
    const one = product(1, `${committingAgent}`);
    for (const name of ['post-checkout', 'post-merge', 'reference-transaction', 'post-index-change', 'pre-commit']) {
      one.write(`.git/hooks/${name}`, '#!/bin/sh\n[ -n "$CM_RUN_ID" ] && exit 0\nsleep 300\nexit 1\n');
      chmodSync(join(one.root, '.git/hooks', name), 0o755);
    }
    expect((await one.run(...headless)).code).toBe(0);
    expect(landedKeys(one)).toEqual(['US-041']);
  });

  test('64: paths with spaces, line breaks, quotes, dashes and many bytes go through from agent to target', async () => {
    const names = [
      'a b.txt',
      'line\nbreak.txt',
      '-dash.txt',
      'quote".txt',
      '\u00e9.txt',
      'e\u0301.txt',
      `${'n'.repeat(240)}.txt`,
    ];
    const one = product(
      1,
      'for n in "$(dirname "$0")"/names/*; do cp "$n" out/; done\ngit add -A && git commit -qm names',
      {
        'out/keep.txt': 'k\n',
        'docs/roadmap/ROADMAP.md': '# Roadmap\n\n### US-041: Names\n\n**Status**: 📝 Planned\n**Files**: `out/`\n',
      },
    );
    for (const name of names) one.write(join(one.base, 'names', name), `${JSON.stringify(name)}\n`);
    expect((await one.run(...headless)).code).toBe(0);
    for (const name of names) expect(one.read(`out/${name}`)).toBe(`${JSON.stringify(name)}\n`);
    expect(one.git('status', '--porcelain')).toBe('');
  });
});
