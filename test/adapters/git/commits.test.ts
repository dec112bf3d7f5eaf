import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { armFailpoints } from '../../../source/adapters/failpoint.ts';
import { createGit } from '../../../source/adapters/git/index.ts';
import type { PrepareRequest } from '../../../source/ports/git.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  armFailpoints(null);
  for (const repo of opened.splice(0)) repo.cleanup();
});

const place = 'docs/roadmap/ROADMAP.md';
const roadmap =
  '# Roadmap\n\n### US-001: First\n**Status**: 📝 Planned\n\n### US-002: Second\n**Status**: 📝 Planned\n';

/** A repository with a finished branch, and an identity that comes from its files. */
async function open(extra: Readonly<Record<string, string>> = {}) {
  const repo = createRepository({ files: { 'a.txt': 'a\n', [place]: roadmap, ...extra } });
  opened.push(repo);
  const head = repo.branch('roadmap-001', { 'work-001.txt': 'work\n' });
  const identity = /^GIT_(AUTHOR|COMMITTER)_/;
  const environment = Object.fromEntries(Object.entries(repo.env).filter(([name]) => !identity.test(name)));
  repo.git('config', 'user.name', 'Grace');
  repo.git('config', 'user.email', 'grace@example.org');
  const git = await createGit({ root: repo.root, runtimeDir: null, environment });
  const request = (changes: Partial<PrepareRequest> = {}): PrepareRequest => ({
    runId,
    slug: '001',
    target: 'main',
    branchName: 'roadmap-001',
    head,
    message: 'Merge US-001',
    trailers: {},
    status: { path: place, itemKey: 'US-001', line: 3, heading: '### US-001: First' },
    ...changes,
  });
  const prepare = async () => {
    const prepared = await git.prepare(request());
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    return prepared;
  };
  const author = (commit: string) => repo.git('log', '-1', '--format=%an <%ae> %cn <%ce>', commit);
  return { repo, git, request, prepare, author };
}

describe('a candidate', () => {
  test('is a commit as git itself would make it, with everything that it needs', async () => {
    const { repo, prepare, author } = await open();
    const before = Math.floor(Date.now() / 1000);
    const { candidate, base } = await prepare();
    expect(await repo.tryGit(repo.root, 'fsck', '--full', '--strict')).toMatchObject({ code: 0, stdout: '' });
    expect(author(candidate)).toBe('Grace <grace@example.org> Grace <grace@example.org>');
    const [made, zone] = repo.git('log', '-1', '--date=raw', '--format=%cd', candidate).split(' ');
    expect(Number(made)).toBeGreaterThanOrEqual(before);
    expect(zone).toBe(repo.git('var', 'GIT_COMMITTER_IDENT').split(' ').at(-1));
    expect(repo.git('diff', '--name-only', base, candidate).split('\n')).toEqual([place, 'work-001.txt']);
    expect(repo.git('show', `${candidate}:${place}`)).toContain('✅');
  });

  test.each([0, 300_000])('carries a ROADMAP that is %i bytes longer', async size => {
    const { repo, prepare } = await open({ [place]: `${roadmap}${'x'.repeat(size)}` });
    const { candidate } = await prepare();
    const text = repo.git('show', `${candidate}:${place}`);
    expect(text.endsWith('x'.repeat(size))).toBe(true);
    expect(await repo.tryGit(repo.root, 'fsck', '--full', '--strict')).toMatchObject({ code: 0 });
  });

  test('bears the name that the user has now', async () => {
    const { repo, git, request, prepare, author } = await open();
    expect(author((await prepare()).candidate)).toContain('Grace');
    repo.git('config', 'user.name', 'Ada');
    expect(author((await prepare()).candidate)).toContain('Ada');
    repo.write('more.cfg', '[user]\nname = Included\n');
    repo.git('config', 'include.path', join(repo.root, 'more.cfg'));
    expect(author((await prepare()).candidate)).toContain('Included');
    repo.write('more.cfg', '[user]\nname = Another\n');
    expect(author((await prepare()).candidate)).toContain('Another');
    repo.git('config', '--unset', 'include.path');
    repo.git('config', 'user.useConfigOnly', 'true');
    repo.git('config', '--unset', 'user.email');
    const refused = await git.prepare(request({ status: null }));
    expect(refused).toMatchObject({ outcome: 'failed', message: expect.stringContaining('could not be created') });
    repo.git('config', 'user.email', 'ada@example.org');
    expect(author((await prepare()).candidate)).toContain('<ada@example.org>');
  });

  test('is read from packs where nothing is loose any more', async () => {
    const { repo, prepare } = await open();
    repo.git('gc', '-q', '--prune=now');
    const { candidate, statusWritten } = await prepare();
    expect(statusWritten).toBe(true);
    expect(repo.git('show', `${candidate}:${place}`)).toContain('✅');
  });

  test('never takes a loose object for what it is not', async () => {
    const { repo, git, request } = await open();
    const blob = repo.git('rev-parse', `main:${place}`);
    const other = repo.git('rev-parse', 'main:a.txt');
    const bytes = readFileSync(fileOf(repo, other));
    rmSync(fileOf(repo, blob));
    writeFileSync(fileOf(repo, blob), bytes);
    // Git itself refuses to read it: then the line is left for later, and nothing of the wrong file gets into the candidate.
    expect(await git.prepare(request())).toMatchObject({ outcome: 'prepared', statusWritten: false });
  });

  test.each(['commit', 'tree'] as const)(
    'is built again where its %s was collected as garbage before its pin',
    async kind => {
      const { repo, git, prepare } = await open();
      const { base, candidate } = await collect(repo, () => prepare(), kind);
      expect(await repo.tryGit(repo.root, 'fsck', '--full')).toMatchObject({ code: 0 });
      expect(await git.land({ runId, slug: '001', target: 'main', base, candidate })).toEqual({ outcome: 'landed' });
    },
  );
});

/** Takes objects of a kind away that were made for a candidate and are not pinned yet, as `git gc` would. */
async function collect<T>(repo: TestRepository, prepare: () => Promise<T>, kind: 'commit' | 'tree'): Promise<T> {
  const before = new Set(looseObjects(repo));
  armFailpoints('git.pin.before:delay=2000:1');
  const preparing = prepare();
  let found: string[] = [];
  while (found.length === 0) {
    await new Promise(resolve => setTimeout(resolve, 10));
    const made = looseObjects(repo).filter(oid => !before.has(oid));
    const commits = made.filter(oid => repo.git('cat-file', '-t', oid) === 'commit');
    const [commit] = commits;
    if (commit !== undefined) found = [kind === 'commit' ? commit : repo.git('rev-parse', `${commit}^{tree}`)];
  }
  for (const oid of found) rmSync(fileOf(repo, oid));
  const result = await preparing;
  armFailpoints(null);
  return result;
}

function fileOf(repo: TestRepository, oid: string): string {
  return join(repo.root, '.git/objects', oid.slice(0, 2), oid.slice(2));
}

function looseObjects(repo: TestRepository): string[] {
  const objects = join(repo.root, '.git/objects');
  const folders = readdirSync(objects).filter(name => /^[0-9a-f]{2}$/.test(name));
  return folders.flatMap(folder =>
    readdirSync(join(objects, folder)).flatMap(name => (/^[0-9a-f]{38}$/.test(name) ? [`${folder}${name}`] : [])),
  );
}
