import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { armFailpoints } from '../../../source/adapters/failpoint.ts';
import { createGit } from '../../../source/adapters/git/index.ts';
import type { PrepareRequest } from '../../../source/ports/git.ts';
import { createRepository, type TestRepository } from '../../helpers/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  armFailpoints(null);
  for (const repo of opened.splice(0)) repo.cleanup();
});

const place = 'docs/roadmap/ROADMAP.md';
const roadmap =
  '# Roadmap\n\n### US-001: First\n**Status**: 📝 Planned\n\n### US-002: Second\n**Status**: 📝 Planned\n';

/** A repository with two branches, a git that writes down what it is asked, and an identity that comes from its files. */
async function open(extra: Readonly<Record<string, string>> = {}) {
  const repo = createRepository({ files: { 'a.txt': 'a\n', [place]: roadmap, ...extra } });
  opened.push(repo);
  const heads = ['001', '002'].map(slug => repo.branch(`roadmap-${slug}`, { [`work-${slug}.txt`]: 'work\n' }));
  const bin = join(repo.base, 'bin');
  const log = join(repo.base, 'starts');
  writeFileSync(log, '');
  repo.write(join(bin, 'git'), `#!/bin/sh\necho "$*" >> '${log}'\nPATH=\${PATH#*:} exec git "$@"\n`);
  chmodSync(join(bin, 'git'), 0o755);
  const {
    GIT_AUTHOR_NAME: _a,
    GIT_AUTHOR_EMAIL: _b,
    GIT_COMMITTER_NAME: _c,
    GIT_COMMITTER_EMAIL: _d,
    ...env
  } = repo.env;
  repo.git('config', 'user.name', 'Grace');
  repo.git('config', 'user.email', 'grace@example.org');
  const environment = { ...env, PATH: `${bin}${delimiter}${env.PATH ?? ''}` };
  const git = await createGit({ root: repo.root, runtimeDir: null, environment });
  const request = (slug: '001' | '002', changes: Partial<PrepareRequest> = {}): PrepareRequest => ({
    runId,
    slug,
    target: 'main',
    branchName: `roadmap-${slug}`,
    head: heads[slug === '001' ? 0 : 1] ?? '',
    message: `Merge US-${slug}`,
    trailers: {},
    squash: false,
    status: {
      path: place,
      itemKey: `US-${slug}`,
      line: slug === '001' ? 3 : 6,
      heading: slug === '001' ? '### US-001: First' : '### US-002: Second',
    },
    landsNext: true,
    ...changes,
  });
  /** Subcommands since the last call, in order of the alphabet. */
  const starts = () => {
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    writeFileSync(log, '');
    return lines.map(line => /^(?:-c \S* )*(\S+)/.exec(line)?.[1] ?? line).sort();
  };
  const prepare = async (slug: '001' | '002', changes: Partial<PrepareRequest> = {}) => {
    const prepared = await git.prepare(request(slug, changes));
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    return prepared;
  };
  const author = (commit: string) => repo.git('log', '-1', '--format=%an <%ae> %cn <%ce>', commit);
  return { repo, git, heads, starts, prepare, author };
}

describe('a candidate', () => {
  test('is a commit as git itself would make it, with everything that it needs', async () => {
    const { repo, prepare, author } = await open();
    const before = Math.floor(Date.now() / 1000);
    const { candidate, base } = await prepare('001');
    expect(await repo.tryGit(repo.root, 'fsck', '--full', '--strict')).toMatchObject({ code: 0, stdout: '' });
    expect(author(candidate)).toBe('Grace <grace@example.org> Grace <grace@example.org>');
    const [made, zone] = repo.git('log', '-1', '--date=raw', '--format=%cd', candidate).split(' ');
    expect(Number(made)).toBeGreaterThanOrEqual(before);
    expect(zone).toBe(repo.git('var', 'GIT_COMMITTER_IDENT').split(' ').at(-1));
    expect(repo.git('diff', '--name-only', base, candidate).split('\n')).toEqual([place, 'work-001.txt']);
    expect(repo.git('show', `${candidate}:${place}`)).toContain('✅');
  });

  test.each([0, 1, 15, 16, 2047, 2048, 300_000])('carries a ROADMAP that is %i bytes longer', async size => {
    const { repo, prepare } = await open({ [place]: `${roadmap}${'x'.repeat(size)}` });
    const { candidate } = await prepare('001');
    const text = repo.git('show', `${candidate}:${place}`);
    expect(text.endsWith('x'.repeat(size))).toBe(true);
    expect(await repo.tryGit(repo.root, 'fsck', '--full', '--strict')).toMatchObject({ code: 0 });
  });

  test('bears the name that the user has now', async () => {
    const { repo, git, heads, prepare, author } = await open();
    expect(author((await prepare('001')).candidate)).toContain('Grace');
    repo.git('config', 'user.name', 'Ada');
    expect(author((await prepare('001')).candidate)).toContain('Ada');
    repo.write('more.cfg', '[user]\nname = Included\n');
    repo.git('config', 'include.path', join(repo.root, 'more.cfg'));
    expect(author((await prepare('001')).candidate)).toContain('Included');
    repo.write('more.cfg', '[user]\nname = Another\n');
    expect(author((await prepare('001')).candidate)).toContain('Another');
    repo.git('config', '--unset', 'include.path');
    repo.git('config', 'user.useConfigOnly', 'true');
    repo.git('config', '--unset', 'user.email');
    const refused = await git.prepare({
      runId,
      slug: '001',
      target: 'main',
      branchName: 'roadmap-001',
      head: heads[0] ?? '',
      message: 'Merge',
      trailers: {},
      squash: false,
      status: null,
    });
    expect(refused).toMatchObject({ outcome: 'failed', message: expect.stringContaining('could not be made') });
    repo.git('config', 'user.email', 'ada@example.org');
    expect(author((await prepare('001')).candidate)).toContain('<ada@example.org>');
  });

  test('is read from packs where nothing is loose any more', async () => {
    const { repo, prepare } = await open();
    repo.git('gc', '-q', '--prune=now');
    const { candidate, statusWritten } = await prepare('001');
    expect(statusWritten).toBe(true);
    expect(repo.git('show', `${candidate}:${place}`)).toContain('✅');
  });

  test('never takes a loose object for what it is not', async () => {
    const { repo, git } = await open();
    await git.predict('main', repo.git('rev-parse', 'roadmap-001'));
    const blob = repo.git('rev-parse', `main:${place}`);
    const other = repo.git('rev-parse', 'main:a.txt');
    const bytes = readFileSync(fileOf(repo, other));
    rmSync(fileOf(repo, blob));
    writeFileSync(fileOf(repo, blob), bytes);
    // Git itself refuses to read it: then the line is left for later, and nothing of the wrong file gets into the candidate.
    const prepared = await git.prepare({
      runId,
      slug: '001',
      target: 'main',
      branchName: 'roadmap-001',
      head: repo.git('rev-parse', 'roadmap-001'),
      message: 'Merge',
      trailers: {},
      squash: false,
      status: { path: place, itemKey: 'US-001', line: 3, heading: '### US-001: First' },
    });
    expect(prepared).toMatchObject({ outcome: 'prepared', statusWritten: false });
  });
});

describe('a queue without checks', () => {
  test('starts git six times for a landing, and merges the next one on paper meanwhile', async () => {
    const { git, heads, starts, prepare, repo } = await open();
    await git.predict('main', heads[0] ?? '');
    await git.predict('main', heads[1] ?? '');
    starts();
    const first = await prepare('001');
    const land = (slug: string, { base, candidate }: typeof first, next?: string) =>
      git.land({ runId, slug, target: 'main', base, candidate, ...(next === undefined ? {} : { next }) });
    expect(await land('001', first, heads[1])).toEqual({ outcome: 'landed' });
    // What was begun ahead is waited for by asking for it.
    await git.predict('main', heads[1] ?? '');
    starts();
    const second = await prepare('002');
    expect(await land('002', second)).toEqual({ outcome: 'landed' });
    // On a slow machine the look at the user's tree is too old by then, and is taken once more.
    const [status, ...others] = [...starts()].sort((a, b) => Number(b === 'status') - Number(a === 'status'));
    expect(status).toBe('status');
    expect(others.filter(name => name !== 'status')).toEqual([
      'read-tree',
      'rev-list',
      'unpack-objects',
      'update-ref',
      'update-ref',
    ]);
    expect(repo.git('log', '--first-parent', '--format=%s', '-2', 'main').split('\n')).toEqual([
      'Merge US-002',
      'Merge US-001',
    ]);
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  test('builds another candidate where the first was collected as garbage before its pin', async () => {
    const { repo, git, prepare } = await open();
    const collected = await collect(repo, () => prepare('001'), 'commit');
    expect(await repo.tryGit(repo.root, 'cat-file', '-e', collected.candidate)).toMatchObject({ code: 0 });
    const { base, candidate } = collected;
    expect(await git.land({ runId, slug: '001', target: 'main', base, candidate })).toEqual({ outcome: 'landed' });
  });

  test('does not land what lost a part before its pin, and gives up when that goes on', async () => {
    const { repo, git, prepare } = await open();
    for (const expected of ['target-moved', 'target-moved', 'failed']) {
      const { base, candidate } = await collect(repo, () => prepare('001'), 'tree');
      const landed = await git.land({ runId, slug: '001', target: 'main', base, candidate });
      expect(landed.outcome).toBe(expected);
      expect(repo.git('rev-parse', 'main')).toBe(base);
    }
    const { base, candidate } = await prepare('001');
    expect(await git.land({ runId, slug: '001', target: 'main', base, candidate })).toEqual({ outcome: 'landed' });
  });
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
