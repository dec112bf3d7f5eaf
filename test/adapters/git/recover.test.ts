import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

interface Stage {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  readonly request: { runId: string; slug: string; target: string; base: string; candidate: string };
}

/** A prepared landing whose note says that it had begun, in a fresh process. */
async function begun(): Promise<Stage> {
  const repo = createRepository({
    files: { 'a.txt': 'old a\n', 'b.txt': 'old b\n', 'gone.txt': 'x\n', 'mine.txt': 'm\n' },
  });
  opened.push(repo);
  const changed = {
    'a.txt': 'new a, longer\n',
    'b.txt': 'new b, longer\n',
    'gone.txt': null,
    'dir/new.txt': 'brand new\n',
  };
  const head = repo.branch('roadmap-001', changed);
  const open = () => createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const prepared = await (await open()).prepare({
    runId,
    slug: '001',
    target: 'main',
    branchName: 'roadmap-001',
    head,
    message: 'Merge US-001 parallel execution',
    trailers: {},
    squash: false,
    status: null,
  });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  repo.write('mine.txt', 'the user works here\n');
  const refs = ['refs/heads/main', 'refs/cm/landed/001'];
  const note = { target: 'main', from: base, to: candidate, inTree: true, refs, startedAt: Date.now() };
  repo.write('.git/cm-tui/landing.json', JSON.stringify(note));
  return { repo, git: await open(), request: { runId, slug: '001', target: 'main', base, candidate } };
}

function expectLanded({ repo, request }: Stage): void {
  expect(repo.git('rev-parse', 'main', 'HEAD').split('\n')).toEqual([request.candidate, request.candidate]);
  expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
  expect(repo.read('mine.txt')).toBe('the user works here\n');
  expect(existsSync(join(repo.root, '.git/cm-tui/landing.json'))).toBe(false);
}

/** States in which a killed fast-forward was seen to leave the user's tree. */
const states: Record<string, (stage: Stage) => void> = {
  'nothing written yet': () => undefined,
  'the index lock alone': ({ repo }) => repo.write('.git/index.lock', ''),
  'one file written, one cut short, one missing, one made': ({ repo }) => {
    repo.write('.git/index.lock', 'half an index');
    repo.write('a.txt', 'new a, longer\n');
    repo.write('b.txt', 'new b');
    rmSync(join(repo.root, 'gone.txt'));
    repo.write('dir/new.txt', 'brand');
  },
  'a file emptied': ({ repo }) => {
    repo.write('.git/index.lock', '');
    repo.write('a.txt', '');
  },
  'a file removed to be written anew': ({ repo }) => rmSync(join(repo.root, 'a.txt')),
  'index and files new, the ref old': ({ repo, request }) => {
    repo.git('read-tree', '-m', '-u', request.base, request.candidate);
  },
  'index and files new, the ref locked': ({ repo, request }) => {
    repo.git('read-tree', '-m', '-u', request.base, request.candidate);
    repo.write('.git/refs/heads/main.lock', request.candidate);
    repo.write('.git/HEAD.lock', '');
  },
  'all done but the note and a lock': ({ repo, request }) => {
    repo.git('read-tree', '-m', '-u', request.base, request.candidate);
    repo.git('update-ref', 'refs/heads/main', request.candidate);
    repo.write('.git/HEAD.lock', '');
  },
};

describe('a landing that was killed half-way', () => {
  test.each(Object.keys(states))('goes through when asked for again: %s', async name => {
    const stage = await begun();
    states[name]?.(stage);
    expect(await stage.git.land(stage.request)).toEqual({ outcome: 'landed' });
    expectLanded(stage);
    expect(await stage.git.recoverLanding()).toEqual({ outcome: 'nothing' });
  });

  test.each(Object.keys(states))('is taken back as a whole when it is not: %s', async name => {
    const stage = await begun();
    const { repo, git, request } = stage;
    states[name]?.(stage);
    const arrived = repo.git('rev-parse', 'main') === request.candidate;
    expect((await git.recoverLanding()).outcome).toBe('recovered');
    if (arrived) return expectLanded(stage);
    expect(repo.git('rev-parse', 'main')).toBe(request.base);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(repo.read('mine.txt')).toBe('the user works here\n');
    expect(await git.recoverLanding()).toEqual({ outcome: 'nothing' });
  });

  test('what it replaces is kept in the rescue folder', async () => {
    const { repo, git } = await begun();
    repo.write('b.txt', 'new b');
    expect(await git.recoverLanding()).toEqual({ outcome: 'recovered', rescued: ['b.txt'] });
    const rescue = join(repo.root, '.git/cm-tui/rescue');
    const [folder = ''] = readdirSync(rescue);
    expect(readFileSync(join(rescue, folder, 'b.txt'), 'utf8')).toBe('new b');
    expect(repo.read('b.txt')).toBe('old b\n');
  });

  test("the user's own edit of a file that was to change stays, and blocks with its path", async () => {
    const { repo, git, request } = await begun();
    repo.write('a.txt', 'my own words\n');
    repo.write('b.txt', 'new b');
    expect(await git.land(request)).toMatchObject({ outcome: 'blocked', paths: ['a.txt'] });
    expect(repo.read('a.txt')).toBe('my own words\n');
    expect(repo.read('b.txt')).toBe('old b\n');
    expect(repo.git('rev-parse', 'main')).toBe(request.base);
  });

  test('a lock that is older than the landing is not ours to remove', async () => {
    const { repo, git, request } = await begun();
    const lock = join(repo.root, '.git/index.lock');
    writeFileSync(lock, '');
    const { utimesSync } = await import('node:fs');
    utimesSync(lock, 1000, 1000);
    expect(await git.land(request)).toMatchObject({ outcome: 'blocked', paths: [lock] });
    expect(existsSync(lock)).toBe(true);
  });

  test('the target has moved on by then: nothing is taken back', async () => {
    const { repo, git, request } = await begun();
    repo.git('update-ref', 'refs/heads/main', request.candidate);
    repo.git('read-tree', '-m', '-u', request.base, request.candidate);
    repo.git('commit', '-q', '--allow-empty', '-m', 'Later');
    expect(await git.land(request)).toEqual({ outcome: 'landed' });
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
  });
});
