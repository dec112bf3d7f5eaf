import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A filter that turns letters round, as a program of the user's that stops working when `locked` is there. */
const rot = (base: string) => `#!/bin/sh\n[ -e ${base}/locked ] && exit 1\nexec tr a-z n-za-m\n`;

/** What git says when it starts, then it dies at the first file: a filter as LFS has it, of one process for all files. */
const dying = "#!/bin/sh\nprintf '0016git-filter-server0000'\nexit 3\n";

interface Stage {
  readonly repo: TestRepository;
  readonly base: string;
  readonly candidate: string;
  land(): Promise<unknown>;
}

async function stage(name: string, how: { readonly kind: string; readonly program: string | null }): Promise<Stage> {
  const repo = createRepository({ files: { 'z.txt': 'old\n', '.gitattributes': `*.sec filter=${name}\n` } });
  opened.push(repo);
  repo.write(join(repo.base, 'filter'), rot(repo.base));
  chmodSync(join(repo.base, 'filter'), 0o755);
  repo.git('config', `filter.${name}.smudge`, join(repo.base, 'filter'));
  repo.git('config', `filter.${name}.clean`, join(repo.base, 'filter'));
  repo.git('config', `filter.${name}.required`, 'true');
  for (const file of ['a.sec', 'gone.sec']) repo.write(file, 'secret\n');
  repo.commit('Secrets');
  // As git keeps them: "changed" and "new", turned round.
  const head = repo.branch('roadmap-001', {
    'a.sec': 'punatrq\n',
    'gone.sec': null,
    'new.sec': 'arj\n',
    'z.txt': 'new\n',
  });
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const names = { runId, slug: '001', target: 'main' };
  const request = { branchName: 'roadmap-001', head, message: 'Merge', trailers: {}, status: null };
  const prepared = await git.prepare({ ...names, ...request });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  if (how.kind !== 'locked') {
    const broken = join(repo.base, 'broken');
    if (how.program !== null) repo.write(broken, how.program);
    if (how.program !== null) chmodSync(broken, 0o755);
    repo.git('config', `filter.${name}.${how.kind}`, broken);
  } else repo.write(join(repo.base, 'locked'), '');
  return { repo, base, candidate, land: () => git.land({ ...names, base, candidate }) };
}

const ways = {
  'it is locked': { kind: 'locked', program: null },
  'only what writes files fails': { kind: 'smudge', program: '#!/bin/sh\nexit 1\n' },
  'its process dies': { kind: 'process', program: dying },
  'its program is gone': { kind: 'smudge', program: null },
} as const;

describe('a required filter that fails while the checkout is brought forward', () => {
  test.each(Object.keys(ways))('leaves every file as it was, and is named with the fix: %s', async name => {
    const { repo, base, candidate, land } = await stage('git-crypt', ways[name as keyof typeof ways]);
    const result = (await land()) as { readonly message?: string };
    expect(result).toMatchObject({ outcome: 'blocked', paths: [expect.stringMatching(/\.sec$/)] });
    expect(result.message).toMatch(/the filter "git-crypt" failed for \w+\.sec: run "git-crypt unlock"\.$/);
    expect(repo.git('rev-parse', 'main')).toBe(base);
    expect(['a.sec', 'gone.sec', 'z.txt'].map(repo.read)).toEqual(['secret\n', 'secret\n', 'old\n']);
    expect(existsSync(join(repo.root, 'new.sec'))).toBe(false);
    expect(existsSync(join(repo.root, '.git/index.lock'))).toBe(false);
    rmSync(join(repo.base, 'locked'), { force: true });
    for (const kind of ['process', 'smudge'])
      await repo.tryGit(repo.root, 'config', '--unset', `filter.git-crypt.${kind}`);
    repo.git('config', 'filter.git-crypt.smudge', join(repo.base, 'filter'));
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(await land()).toEqual({ outcome: 'landed' });
    expect(repo.git('rev-parse', 'main')).toBe(candidate);
    expect(['a.sec', 'new.sec', 'z.txt'].map(repo.read)).toEqual(['changed\n', 'new\n', 'new\n']);
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  test("the user's change in such a file is no reason to call it unchanged", async () => {
    const { repo, base, land } = await stage('lfs', ways['it is locked']);
    repo.write('a.sec', 'mine\n');
    expect(await land()).toMatchObject({ outcome: 'blocked' });
    expect(repo.read('a.sec')).toBe('mine\n');
    expect(repo.git('rev-parse', 'main')).toBe(base);
  });

  test('a worktree cannot be made either, which names it as well', async () => {
    const { repo } = await stage('own', ways['it is locked']);
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const request = { runId, slug: '002', branchName: 'roadmap-002', path: `${repo.root}-wt002`, target: 'main' };
    expect(await git.createWorktree(request)).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/the filter "own" failed for a\.sec: fix its program, which "git config/),
    });
    expect(existsSync(request.path)).toBe(false);
  });
});
