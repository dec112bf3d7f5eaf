import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A branch of one new file that is about to land; `hide` moves objects of it elsewhere before it does. */
async function landing(hide: (repo: TestRepository, oids: readonly string[]) => void) {
  const repo = createRepository({ files: { 'a.txt': 'a\n' } });
  opened.push(repo);
  repo.git('switch', '-q', '-c', 'elsewhere');
  const head = repo.branch('roadmap-043', { 'new/b.txt': 'b\n' }, 'main');
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const base = repo.git('rev-parse', 'main');
  const request = { runId: 'abcdefgh12345678', slug: '043', target: 'main' };
  const merge = { message: 'Merge', trailers: {}, status: null };
  const oids = repo.git('rev-list', '--objects', '--no-object-names', 'roadmap-043', '^main').split('\n');
  hide(repo, oids);
  const prepared = await git.prepare({ ...request, ...merge, branchName: 'roadmap-043', head });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  return { repo, land: () => git.land({ ...request, base, candidate: prepared.candidate }) };
}

const placeOf = (store: string, oid: string) => join(store, oid.slice(0, 2), oid.slice(2));

function moveTo(store: string, repo: TestRepository, oids: readonly string[]): void {
  for (const oid of oids) {
    const place = placeOf(store, oid);
    mkdirSync(dirname(place), { recursive: true });
    renameSync(placeOf(join(repo.root, '.git/objects'), oid), place);
  }
}

describe('what lands is whole in the store of the repository', () => {
  it.each<[string, (store: string, repo: TestRepository, oids: readonly string[]) => void]>([
    [
      'a store of the agent',
      (store, repo, oids) => {
        moveTo(store, repo, oids);
        repo.write('.git/objects/info/alternates', `${store}\n`);
      },
    ],
    [
      'links to files elsewhere',
      (store, repo, oids) => {
        moveTo(store, repo, oids);
        for (const oid of oids) symlinkSync(placeOf(store, oid), placeOf(join(repo.root, '.git/objects'), oid));
      },
    ],
    [
      'links to packs elsewhere',
      (store, repo) => {
        repo.git('gc', '-q');
        const packs = join(repo.root, '.git/objects/pack');
        mkdirSync(store);
        for (const name of readdirSync(packs)) {
          renameSync(join(packs, name), join(store, name));
          symlinkSync(join(store, name), join(packs, name));
        }
      },
    ],
  ])('although its commits lay in %s, which is gone afterwards', async (_, hide) => {
    let store = '';
    const { repo, land } = await landing((repo, oids) => {
      store = join(repo.base, 'store');
      hide(store, repo, oids);
    });
    expect(await land()).toEqual({ outcome: 'landed' });
    rmSync(store, { recursive: true });
    rmSync(join(repo.root, '.git/objects/info/alternates'), { force: true });
    expect(repo.git('cat-file', '-t', 'main')).toBe('commit');
    expect(repo.git('show', 'main:new/b.txt')).toBe('b');
    expect(repo.git('log', '-1', '--format=%s', 'main^2')).toBe('Work on roadmap-043');
  });

  it('and nothing lands whose objects are not what their names say', async () => {
    const { repo, land } = await landing(() => undefined);
    const oid = repo.git('rev-parse', 'roadmap-043:new/b.txt');
    const place = placeOf(join(repo.root, '.git/objects'), oid);
    const was = readFileSync(place);
    rmSync(place);
    writeFileSync(place, deflateSync(Buffer.from('blob 5\0evil\n')));
    const base = repo.git('rev-parse', 'main');
    await expect(land()).rejects.toThrow(/does not match its name; run git fsck/);
    expect(repo.git('rev-parse', 'main')).toBe(base);
    rmSync(place);
    writeFileSync(place, was);
    expect(await land()).toEqual({ outcome: 'landed' });
  });
});

describe('a sparse set that somebody writes into the shared settings', () => {
  it('takes no file out of the checkout of the user when something lands', async () => {
    const repo = createRepository({ files: { 'a.txt': 'a\n', 'src/b.txt': 'b\n', 'src/c.txt': 'c\n' } });
    opened.push(repo);
    const head = repo.branch('roadmap-043', { 'src/b.txt': 'changed\n' });
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const base = repo.git('rev-parse', 'main');
    const request = { runId: 'abcdefgh12345678', slug: '043', target: 'main' };
    const merge = { message: 'Merge', trailers: {}, status: null };
    const prepared = await git.prepare({ ...request, ...merge, branchName: 'roadmap-043', head });
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    repo.git('config', 'core.sparseCheckout', 'true');
    repo.write('.git/info/sparse-checkout', '/a.txt\n');
    expect(await git.land({ ...request, base, candidate: prepared.candidate })).toEqual({ outcome: 'landed' });
    expect(['a.txt', 'src/b.txt', 'src/c.txt'].map(path => repo.read(path))).toEqual(['a\n', 'changed\n', 'c\n']);
    expect(
      repo
        .git('ls-files', '-v')
        .split('\n')
        .filter(line => !line.startsWith('H ')),
    ).toEqual([]);
  });

  it('is named by the first landing whose new files it leaves out', async () => {
    const repo = createRepository({ files: { 'a.txt': 'a\n', 'src/b.txt': 'b\n' } });
    opened.push(repo);
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const files = { 'c.txt': 'c\n', 'src/new.txt': 'new\n', 'src/other.txt': 'other\n' };
    const heads = [repo.branch('roadmap-043', files), repo.branch('roadmap-044', { 'src/third.txt': 'third\n' })];
    const landNew = async (slug: string, head = '') => {
      const request = { runId: 'abcdefgh12345678', slug, target: 'main' };
      const merge = { message: 'Merge', trailers: {}, status: null };
      const prepared = await git.prepare({ ...request, ...merge, branchName: `roadmap-${slug}`, head });
      if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
      return git.land({ ...request, base: prepared.base, candidate: prepared.candidate });
    };
    repo.git('config', 'core.sparseCheckout', 'true');
    repo.write('.git/info/sparse-checkout', '/a.txt\n/c.txt\n');
    const result = await landNew('043', heads[0]);
    expect(result).toEqual({
      outcome: 'landed',
      remark: expect.stringMatching(
        /not in your checkout: src\/new\.txt \(and 1 more\)\. The sparse set in .* git sparse-checkout disable\.$/,
      ),
    });
    expect(['c.txt', 'src/b.txt', 'src/new.txt'].map(path => existsSync(join(repo.root, path)))).toEqual([
      true,
      true,
      false,
    ]);
    expect(repo.git('status', '--porcelain')).toBe('');
    // From now on the checkout is a sparse one, as the user was told.
    expect(await landNew('044', heads[1])).toEqual({ outcome: 'landed' });
  });
});
