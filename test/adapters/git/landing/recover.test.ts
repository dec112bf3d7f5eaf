import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { type LandAlone, landAlone } from '../../../helpers/git/land-alone.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';
import { isLong, sampleOf } from '../../../helpers/tiers.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];
let alone: LandAlone;

beforeAll(async () => {
  alone = await landAlone();
});

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

interface Stage {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  readonly request: { runId: string; slug: string; target: string; base: string; candidate: string };
}

/** Points at which a landing can be cut off, and which hit of it: between any two files, and between files, ref and index. */
const cuts = [
  'git.land.noted:kill',
  'git.land.aside:kill:1',
  'git.land.aside:kill:3',
  'git.land.placed:kill:1',
  'git.land.placed:kill:3',
  'git.land.tree:kill',
  'git.land.moved:kill',
] as const;

const work = {
  'a.txt': 'new a, longer\n',
  'b.txt': 'new b, longer\n',
  'gone.txt': null,
  'dir/new.txt': 'brand new\n',
  'folder/one.txt': null,
  folder: 'a file now\n',
};

/** A landing that was cut off as by `kill -9`, and a fresh process. */
async function cutOff(at: string): Promise<Stage> {
  const repo = createRepository({
    files: { 'a.txt': 'old a\n', 'b.txt': 'old b\n', 'gone.txt': 'x\n', 'folder/one.txt': '1\n', 'mine.txt': 'm\n' },
  });
  opened.push(repo);
  const head = repo.branch('roadmap-001', work);
  const open = () => createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const prepared = await (await open()).prepare({
    runId,
    slug: '001',
    target: 'main',
    branchName: 'roadmap-001',
    head,
    message: 'Merge US-001 parallel execution',
    trailers: {},
    status: null,
  });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  repo.write('mine.txt', 'the user works here\n');
  const request = { runId, slug: '001', target: 'main', base, candidate };
  expect(alone.land(repo, request, { env: { CM_FAILPOINT: at } }).signal).toBe('SIGKILL');
  return { repo, git: await open(), request };
}
function expectLanded({ repo, request }: Stage): void {
  expect(repo.git('rev-parse', 'main', 'HEAD').split('\n')).toEqual([request.candidate, request.candidate]);
  expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
  expect(repo.read('mine.txt')).toBe('the user works here\n');
  expect(existsSync(join(repo.root, '.git/cm-tui/landing.json'))).toBe(false);
}

const notAll = cuts.filter(at => at !== 'git.land.noted:kill');

describe('a landing that was killed half-way', { timeout: 60_000 }, () => {
  /** Before the first file, between two, and between the branch and the index. */
  const plainRun = ['git.land.noted:kill', 'git.land.aside:kill:3', 'git.land.placed:kill:1', 'git.land.moved:kill'];

  test.each(sampleOf(cuts, at => plainRun.includes(at)))('goes through when asked for again: %s', async at => {
    const stage = await cutOff(at);
    expect(await stage.git.land(stage.request)).toEqual({ outcome: 'landed' });
    expectLanded(stage);
    expect(await stage.git.recoverLanding()).toEqual({ outcome: 'nothing' });
  });

  test.runIf(isLong).each(cuts)('is brought to where the branch is when it is not asked for again: %s', async at => {
    const stage = await cutOff(at);
    const { repo, git, request } = stage;
    const arrived = repo.git('rev-parse', 'main') === request.candidate;
    expect(arrived).toBe(at === 'git.land.moved:kill');
    expect(await git.recoverLanding()).toEqual({ outcome: 'recovered', rescued: [] });
    if (arrived) expectLanded(stage);
    else {
      expect(repo.git('rev-parse', 'main')).toBe(request.base);
      expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
      expect(repo.read('mine.txt')).toBe('the user works here\n');
    }
    expect(existsSync(join(repo.root, '.git/index.lock'))).toBe(false);
    expect(await git.recoverLanding()).toEqual({ outcome: 'nothing' });
  });

  test.runIf(isLong).each(notAll)("the user's work since then stays, and nothing of theirs is lost: %s", async at => {
    const { repo, git, request } = await cutOff(at);
    repo.write('a.txt', 'my own words\n');
    repo.write('dir/new.txt', 'mine too\n');
    repo.write('dir/other.txt', 'beside it\n');
    const arrived = repo.git('rev-parse', 'main') === request.candidate;
    await git.recoverLanding();
    expect(repo.read('a.txt')).toBe('my own words\n');
    expect(repo.read('dir/new.txt')).toBe('mine too\n');
    expect(repo.read('dir/other.txt')).toBe('beside it\n');
    expect(repo.read('b.txt')).toBe(arrived ? 'new b, longer\n' : 'old b\n');
    const changed = arrived ? [' M a.txt', ' M dir/new.txt'] : [' M a.txt'];
    const untracked = arrived ? ['?? dir/other.txt'] : ['?? dir/new.txt', '?? dir/other.txt'];
    expect(repo.git('status', '--porcelain', '-uall').split('\n')).toEqual([...changed, ' M mine.txt', ...untracked]);
  });

  test.each(['git.land.aside:kill:3', 'git.land.moved:kill'])(
    'the user has removed our lock of the index, and worked on: %s',
    async at => {
      const stage = await cutOff(at);
      const { repo, git, request } = stage;
      rmSync(join(repo.root, '.git/index.lock'));
      repo.git('add', 'mine.txt');
      await git.recoverLanding();
      expect(repo.git('status', '--porcelain')).toBe('M  mine.txt');
      expect(await git.land(request)).toEqual({ outcome: 'landed' });
      expect(repo.git('status', '--porcelain')).toBe('M  mine.txt');
    },
  );

  test('a lock that is older than the landing is not ours to remove', async () => {
    const { repo, git, request } = await cutOff('git.land.tree:kill');
    const lock = join(repo.root, '.git/HEAD.lock');
    writeFileSync(lock, '');
    utimesSync(lock, 1000, 1000);
    expect(await git.land(request)).toMatchObject({ outcome: 'blocked', paths: [lock] });
    expect(existsSync(lock)).toBe(true);
  });

  test('a lock of the index that is not ours stays', async () => {
    const { repo, git, request } = await cutOff('git.land.noted:kill');
    const lock = join(repo.root, '.git/index.lock');
    writeFileSync(lock, '');
    expect(await git.land(request)).toMatchObject({ outcome: 'blocked', paths: [lock] });
    expect(existsSync(lock)).toBe(true);
  });

  test('the target has moved on by then: nothing is taken back', async () => {
    const { repo, git, request } = await cutOff('git.land.moved:kill');
    rmSync(join(repo.root, '.git/index.lock'));
    repo.git('read-tree', '-m', '-i', request.base, request.candidate);
    repo.git('commit', '-q', '--allow-empty', '-m', 'Later');
    expect(await git.land(request)).toEqual({ outcome: 'landed' });
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
  });

  test('files that cannot be put back are told, with the place where they are', async () => {
    const { repo, git, request } = await cutOff('git.land.aside:kill:3');
    const rescue = join(repo.root, '.git/cm-tui/rescue');
    const [name = ''] = readdirSync(rescue);
    rmSync(`${repo.root}/folder`, { recursive: true, force: true });
    repo.write('folder', 'in the way\n');
    expect(await git.recoverLanding()).toMatchObject({ outcome: 'recovered' });
    expect(repo.read('folder')).toBe('in the way\n');
    expect(repo.read(join(rescue, name, 'replaced/folder/one.txt'))).toBe('1\n');
    expect(repo.git('rev-parse', 'main')).toBe(request.base);
  });
});
