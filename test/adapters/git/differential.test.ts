import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';
import { isLong } from '../../helpers/tiers.ts';

/** `CM_DIFFERENTIAL` sets how many pairs are tried, `CM_SEED` where the sequence begins; a failing pair prints its seed. */
const pairs = Number(process.env.CM_DIFFERENTIAL ?? (isLong ? 500 : 8));
const firstSeed = Number(process.env.CM_SEED ?? 1);

let repo: TestRepository;
let git: GitAdapter;

beforeAll(async () => {
  repo = createRepository({ files: {} });
  repo.git('commit', '-q', '--allow-empty', '-m', 'Root');
  git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
});
afterAll(() => repo.cleanup());

/** Small, fast, seedable: the pairs of a seed never change. */
function generator(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const names = [
  'a.txt',
  'b.txt',
  'dir/c.txt',
  'dir/d.txt',
  'dir/sub/e.txt',
  'data.bin',
  'crlf.txt',
  'run.sh',
  'ü ñ.txt',
  '-dash',
  'link',
];

function lines(random: (below: number) => number, end = '\n'): string {
  return Array.from({ length: 12 }, (_, n) => `line ${n} ${random(4)}`).join(end) + end;
}

function files(folder = ''): string[] {
  return readdirSync(join(repo.root, folder), { withFileTypes: true }).flatMap(item => {
    const path = folder === '' ? item.name : `${folder}/${item.name}`;
    if (path === '.git') return [];
    return item.isDirectory() ? files(path) : [path];
  });
}

function put(path: string, content: string | Buffer): void {
  const file = join(repo.root, path);
  for (let at = dirname(path); at !== '.'; at = dirname(at)) {
    if (lstatSync(join(repo.root, at), { throwIfNoEntry: false })?.isDirectory() === false) rmSync(join(repo.root, at));
  }
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function begin(random: (below: number) => number): void {
  for (const name of files()) rmSync(join(repo.root, name));
  for (const name of names) {
    if (random(4) === 0) continue;
    if (name === 'link') symlinkSync('a.txt', join(repo.root, name));
    else if (name === 'data.bin') put(name, Buffer.from([0, 1, 2, 255, random(256), 0]));
    else put(name, lines(random, name === 'crlf.txt' ? '\r\n' : '\n'));
  }
}

/** One change of the kinds that merges stumble over. */
function change(random: (below: number) => number): void {
  const present = files();
  const path = present[random(present.length)] ?? 'a.txt';
  const file = join(repo.root, path);
  const isPlain = lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
  switch (random(9)) {
    case 0:
    case 1: {
      if (!isPlain) return put(path, lines(random));
      const text = readFileSync(file, 'latin1').split('\n');
      text[random(text.length)] = `changed ${random(3)}`;
      return writeFileSync(file, text.join('\n'), 'latin1');
    }
    case 2:
      return rmSync(file, { force: true });
    case 3: {
      const to = `moved/${path.replaceAll('/', '-')}`;
      put(to, '');
      return isPlain ? renameSync(file, join(repo.root, to)) : undefined;
    }
    case 4:
      return isPlain ? chmodSync(file, 0o755) : undefined;
    case 5:
      return put('data.bin', Buffer.from([0, random(3), 7, 0]));
    case 6: {
      if (!isPlain) return;
      const text = readFileSync(file, 'latin1');
      return writeFileSync(
        file,
        text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n'),
        'latin1',
      );
    }
    case 7:
      // A folder where a file was, or a file where a folder was.
      return random(2) === 0 ? put(`${path}/inside.txt`, 'inside\n') : put('dir', 'no folder any more\n');
    default:
      return put(`added-${random(4)}.txt`, lines(random));
  }
}

function side(name: string, from: string, random: (below: number) => number): string {
  repo.git('checkout', '-q', '--force', '-B', name, from);
  repo.git('clean', '-ffdxq');
  for (let n = 1 + random(4); n > 0; n--) change(random);
  return repo.commit(name);
}

test(`${pairs} generated pairs of branches merge as git merge --no-ff would merge them`, async () => {
  let clean = 0;
  let conflicts = 0;
  for (let seed = firstSeed; seed < firstSeed + pairs; seed++) {
    const random = generator(seed);
    repo.git('checkout', '-q', '--force', '--detach', 'main');
    repo.git('clean', '-ffdxq');
    begin(random);
    const base = repo.commit('Base');
    const head = side('work', base, random);
    const onto = side('onto', base, random);

    const merged = await repo.tryGit(repo.root, 'merge', '--no-ff', '-q', '-m', 'Merge', head);
    const unmerged = repo
      .git('ls-files', '-u', '-z', '--full-name')
      .split('\0')
      .filter(entry => entry !== '');
    // A file that gives way to a folder is named after the side it came from.
    const plain = (entry: string) =>
      entry.slice(entry.indexOf('\t') + 1).replace(new RegExp(`~(HEAD|${head})(_\\d+)?$`), '');
    const paths = [...new Set(unmerged.map(plain))].sort();
    const tree = repo.git('rev-parse', 'HEAD^{tree}');
    repo.git('reset', '-q', '--hard', onto);
    repo.git('clean', '-ffdxq');

    const prepared = await git.prepare({
      runId: 'abcdefgh12345678',
      slug: `${seed}`,
      target: 'onto',
      branchName: 'work',
      head,
      message: 'Merge',
      trailers: {},
      status: null,
    });
    const where = `seed ${seed}`;
    if (merged.code !== 0) {
      conflicts++;
      expect(prepared, where).toMatchObject({ outcome: 'conflict' });
      if (prepared.outcome === 'conflict') expect([...prepared.paths].sort(), where).toEqual(paths);
      continue;
    }
    if (prepared.outcome === 'empty') {
      expect(tree, where).toBe(repo.git('rev-parse', `${onto}^{tree}`));
      continue;
    }
    clean++;
    expect(prepared, where).toMatchObject({ outcome: 'prepared', base: onto });
    if (prepared.outcome !== 'prepared') continue;
    expect(repo.git('rev-parse', `${prepared.candidate}^{tree}`), where).toBe(tree);
    const landed = await git.land({
      runId: 'abcdefgh12345678',
      slug: `${seed}`,
      target: 'onto',
      base: onto,
      candidate: prepared.candidate,
    });
    expect(landed, where).toEqual({ outcome: 'landed' });
    expect(
      execFileSync('git', ['status', '--porcelain', '--ignored'], { cwd: repo.root, env: repo.env, encoding: 'utf8' }),
      where,
    ).toBe('');
    expect(repo.git('rev-parse', 'onto', 'HEAD').split('\n'), where).toEqual([prepared.candidate, prepared.candidate]);
  }
  // A generator that only ever made one kind would prove nothing.
  expect(clean).toBeGreaterThan(pairs / 10);
  expect(conflicts).toBeGreaterThan(pairs / 10);
}, 1_200_000);
