import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import type { LandResult } from '../../../../source/ports/git.ts';
import { createRepository, type RepositoryOptions, type TestRepository } from '../../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

interface Stage {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  readonly base: string;
  readonly head: string;
  readonly candidate: string;
  land(): Promise<LandResult>;
}

const files = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'gone.txt': 'gone\n', 'deep/c.txt': 'c\n', '.gitignore': '*.log\n' };
const work = { 'a.txt': 'a changed\n', 'new/file.txt': 'new\n', 'gone.txt': null, 'ours.log': 'log of the branch\n' };

/** A branch that changes, adds, deletes and (by force) adds an ignored name, prepared to land on `main`. */
async function stage(options: RepositoryOptions & { readonly squash?: boolean } = {}): Promise<Stage> {
  const repo = createRepository({ files, ...options });
  opened.push(repo);
  const { 'ours.log': log, ...plain } = work;
  repo.branch('roadmap-043', plain);
  const place = join(repo.base, 'force');
  repo.git('worktree', 'add', '-q', place, 'roadmap-043');
  repo.write(join(place, 'ours.log'), log);
  repo.gitIn(place, 'add', '-f', 'ours.log');
  repo.gitIn(place, 'commit', '-qm', 'Add a log by force');
  repo.git('worktree', 'remove', '--force', place);
  const head = repo.git('rev-parse', 'roadmap-043');
  const base = repo.git('rev-parse', 'main');
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const prepared = await git.prepare({
    runId,
    slug: '043',
    target: 'main',
    branchName: 'roadmap-043',
    head,
    message: 'Merge US-043 parallel execution',
    trailers: { 'Cm-Task': 'US-043', 'Cm-Checks': 'none' },
    style: options.squash === true ? 'squash' : 'merge',
    status: null,
  });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { candidate } = prepared;
  return {
    repo,
    git,
    base,
    head,
    candidate,
    land: () => git.land({ runId, slug: '043', target: 'main', base, candidate }),
  };
}

/** Every file outside `.git` with its bytes and mode, and every ref but ours. */
function snapshot(repo: TestRepository): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (folder: string) => {
    for (const item of readdirSync(join(repo.root, folder), { withFileTypes: true })) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`;
      if (path === '.git') continue;
      if (item.isDirectory()) walk(path);
      else
        found[path] =
          `${statSync(join(repo.root, path)).mode.toString(8)} ${readFileSync(join(repo.root, path), 'hex')}`;
    }
  };
  walk('');
  for (const line of repo.git('for-each-ref').split('\n')) if (!line.includes('refs/cm/')) found[line] = 'ref';
  found.HEAD = readFileSync(join(repo.root, '.git/HEAD'), 'utf8');
  found.index = repo.git('ls-files', '-s');
  return found;
}

describe('prepare', () => {
  test('builds a two-parent commit on the target, pins it and the head, and moves nothing', async () => {
    const { repo, base, head, candidate } = await stage();
    expect(repo.git('log', '-1', '--format=%P', candidate)).toBe(`${base} ${head}`);
    expect(repo.git('rev-parse', 'main', 'refs/cm/cand/043', 'refs/cm/head/043').split('\n')).toEqual([
      base,
      candidate,
      head,
    ]);
    expect(repo.git('log', '-1', '--format=%B', candidate)).toBe(
      `Merge US-043 parallel execution\n\nCm-Task: US-043\nCm-Checks: none\nCm-Head: ${head}\nCm-Base: ${base}\n`,
    );
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  test('squashes to one parent and keeps the head in a trailer', async () => {
    const { repo, base, head, candidate } = await stage({ squash: true });
    expect(repo.git('log', '-1', '--format=%P', candidate)).toBe(base);
    expect(repo.git('log', '-1', '--format=%(trailers:key=Cm-Head,valueonly)', candidate).trim()).toBe(head);
  });
});

describe('land', () => {
  test('a clean checkout is brought forward as a whole', async () => {
    const { repo, git, base, candidate, land } = await stage();
    expect(await land()).toEqual({ outcome: 'landed' });
    expect(repo.git('rev-parse', 'HEAD', 'main', 'refs/cm/landed/043').split('\n')).toEqual([
      candidate,
      candidate,
      candidate,
    ]);
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(repo.read('a.txt')).toBe('a changed\n');
    expect(existsSync(join(repo.root, 'gone.txt'))).toBe(false);
    expect(repo.git('reflog', '-1', '--format=%gs', 'main')).toBe('cm-tui: land 043');
    expect(repo.git('for-each-ref', 'refs/cm/backup')).toBe('');
    // Asked again, and asked after the target has moved on, it has landed.
    expect(await land()).toEqual({ outcome: 'landed' });
    repo.write('later.txt', 'x');
    repo.commit('Later');
    expect(await land()).toEqual({ outcome: 'landed' });
    expect(existsSync(join(repo.root, '.git/cm-tui/landing.json'))).toBe(false);
    expect(await git.isAncestor(base, candidate)).toBe(true);
  });

  /** Changes of the user's that landing has to leave alone, to the byte. */
  const harmless: Record<string, (repo: TestRepository) => void> = {
    'an unrelated change': repo => repo.write('b.txt', 'mine\n'),
    'an unrelated staged change': repo => {
      repo.write('b.txt', 'mine\n');
      repo.git('add', 'b.txt');
    },
    'a change staged and changed again': repo => {
      repo.write('b.txt', 'staged\n');
      repo.git('add', 'b.txt');
      repo.write('b.txt', 'and more\n');
    },
    'an untracked file': repo => repo.write('notes.txt', 'mine\n'),
    'an ignored file': repo => repo.write('debug.log', 'mine\n'),
    'an unrelated deletion': repo => rmSync(join(repo.root, 'deep/c.txt')),
    'an untracked file beside a new one': repo => repo.write('new/mine.txt', 'mine\n'),
  };

  test.each(Object.keys(harmless))('keeps %s', async name => {
    const { repo, candidate, land } = await stage();
    harmless[name]?.(repo);
    const before = snapshot(repo);
    const status = repo.git('status', '--porcelain');
    expect(await land()).toEqual({ outcome: 'landed' });
    expect(repo.git('rev-parse', 'main')).toBe(candidate);
    const after = snapshot(repo);
    for (const path of ['b.txt', 'notes.txt', 'debug.log', 'deep/c.txt', 'new/mine.txt'])
      expect(after[path]).toBe(before[path]);
    expect(repo.git('status', '--porcelain', '-uall')).toBe(
      status.replace('?? new/\n', '?? new/mine.txt\n').replace(/\?\? new\/$/, '?? new/mine.txt'),
    );
  });

  test('keeps a copy of uncommitted work before it moves anything', async () => {
    const { repo, base, candidate } = await stage();
    repo.write('b.txt', 'precious\n');
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    await git.land({ runId, slug: '043', target: 'main', base, candidate });
    const backup = repo.git('for-each-ref', '--format=%(refname)', 'refs/cm/backup');
    expect(repo.git('show', `${backup}:b.txt`)).toBe('precious');
    expect(repo.git('stash', 'list')).toBe('');
    expect(repo.git('log', '--all', '--format=%s').split('\n').toSorted()).toEqual(
      expect.not.arrayContaining([expect.stringContaining('before a landing')]),
    );
  });

  test('a file whose time stamp alone has changed is no obstacle', async () => {
    const { repo, land } = await stage();
    const { utimesSync } = await import('node:fs');
    utimesSync(join(repo.root, 'a.txt'), 1000, 1000);
    expect(await land()).toEqual({ outcome: 'landed' });
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  /** States of the user's tree in which nothing may move; the paths it has to name. */
  const blocking: Record<string, { readonly make: (repo: TestRepository) => void; readonly names: string | null }> = {
    'an overlapping change': { make: repo => repo.write('a.txt', 'mine\n'), names: 'a.txt' },
    'an overlapping staged change': {
      make: repo => {
        repo.write('a.txt', 'mine\n');
        repo.git('add', 'a.txt');
      },
      names: 'a.txt',
    },
    'a change to a file that is to go': { make: repo => repo.write('gone.txt', 'mine\n'), names: 'gone.txt' },
    'an untracked file in the way': { make: repo => repo.write('new/file.txt', 'mine\n'), names: 'new/file.txt' },
    'an untracked file where a folder is to be': { make: repo => repo.write('new', 'mine\n'), names: 'new' },
    'an ignored file in the way': { make: repo => repo.write('ours.log', 'mine\n'), names: 'ours.log' },
    'an ignored file in a folder in the way': {
      make: repo => repo.write('ours.log/x.log', 'mine\n'),
      names: 'ours.log/x.log',
    },
    'a merge in progress': {
      make: repo => {
        repo.branch('other', { 'b.txt': 'other\n' });
        repo.git('merge', '--no-ff', '--no-commit', 'other');
      },
      names: '',
    },
    'a bisect of the target': { make: repo => repo.git('bisect', 'start', 'HEAD'), names: '' },
    'a held index lock': { make: repo => repo.write('.git/index.lock', ''), names: '.git/index.lock' },
    'a held lock of the target': {
      make: repo => repo.write('.git/refs/heads/main.lock', ''),
      names: '.git/refs/heads/main.lock',
    },
  };

  test.each(Object.keys(blocking))('changes nothing and says why: %s', async name => {
    const { repo, base, land } = await stage();
    const situation = blocking[name];
    situation?.make(repo);
    const before = snapshot(repo);
    const result = await land();
    expect(result.outcome).toBe('blocked');
    if (result.outcome !== 'blocked') return;
    const wanted = situation?.names ?? null;
    if (wanted !== null) {
      const absolute = wanted === '' || wanted.startsWith('.git');
      expect(result.paths).toEqual([absolute ? join(repo.root, wanted) : wanted]);
    }
    expect(result.message).toMatch(/^\S.*\.$/);
    expect(snapshot(repo)).toEqual(before);
    expect(repo.git('rev-parse', 'main')).toBe(base);
    expect(existsSync(join(repo.root, '.git/cm-tui/landing.json'))).toBe(false);
  });

  test('a rebase of the target, which git lists as detached, blocks', async () => {
    const { repo, land } = await stage();
    const place = join(repo.base, 'second');
    repo.git('switch', '-q', '--detach');
    repo.git('worktree', 'add', '-q', place, 'main');
    repo.write(join(place, 'b.txt'), 'two\n');
    repo.gitIn(place, 'commit', '-qam', 'Two');
    await repo.tryGit(place, '-c', 'sequence.editor=sed -i s/^pick/edit/', 'rebase', '-i', 'HEAD~1');
    expect(repo.git('worktree', 'list', '--porcelain')).not.toContain('refs/heads/main');
    const now = repo.git('rev-parse', 'main');
    repo.git('update-ref', 'refs/heads/main', `${now}~1`);
    const result = await land();
    expect(result).toMatchObject({ outcome: 'blocked', paths: [place] });
  });

  test('a target that a linked worktree has checked out moves together with it', async () => {
    const { repo, candidate, land } = await stage();
    const place = join(repo.base, 'second');
    repo.git('switch', '-q', '--detach');
    repo.git('worktree', 'add', '-q', place, 'main');
    expect(await land()).toEqual({ outcome: 'landed' });
    expect(repo.gitIn(place, 'rev-parse', 'main', 'HEAD').split('\n')).toEqual([candidate, candidate]);
    expect(repo.gitIn(place, 'status', '--porcelain')).toBe('');
  });

  test.each(['another branch', 'detached'])(
    'the target is not checked out (%s): the user tree stays as it is',
    async how => {
      const { repo, candidate, land } = await stage();
      repo.git('switch', '-q', ...(how === 'detached' ? ['--detach'] : ['-c', 'mine']));
      repo.write('a.txt', 'mine\n');
      const before = snapshot(repo);
      expect(await land()).toEqual({ outcome: 'landed' });
      const after = snapshot(repo);
      expect(repo.git('rev-parse', 'main')).toBe(candidate);
      expect(after['a.txt']).toBe(before['a.txt']);
      expect(after.HEAD).toBe(before.HEAD);
      expect(after.index).toBe(before.index);
    },
  );

  test('a bare repository', async () => {
    const source = createRepository({ files });
    opened.push(source);
    source.branch('roadmap-043', { 'a.txt': 'changed\n' });
    const bare = join(source.base, 'bare.git');
    source.gitIn(source.base, 'clone', '-q', '--bare', source.root, bare);
    const git = await createGit({ root: bare, runtimeDir: null, environment: source.env });
    const head = source.git('rev-parse', 'roadmap-043');
    const prepared = await git.prepare({
      runId,
      slug: '043',
      target: 'main',
      branchName: 'roadmap-043',
      head,
      message: 'Merge',
      trailers: {},
      status: null,
    });
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    expect(
      await git.land({ runId, slug: '043', target: 'main', base: prepared.base, candidate: prepared.candidate }),
    ).toEqual({
      outcome: 'landed',
    });
    expect(source.gitIn(bare, 'rev-parse', 'main')).toBe(prepared.candidate);
  });

  test('a target that has moved, was rewound or is gone', async () => {
    const moved = await stage();
    moved.repo.write('b.txt', 'b2\n');
    const tip = moved.repo.commit('Move on');
    expect(await moved.land()).toEqual({ outcome: 'target-moved', tip, rewound: false });

    const rewound = await stage();
    rewound.repo.git('switch', '-q', '--orphan', 'fresh');
    rewound.repo.write('x', 'x');
    const other = rewound.repo.commit('Elsewhere');
    rewound.repo.git('branch', '-f', 'main', other);
    expect(await rewound.land()).toEqual({ outcome: 'target-moved', tip: other, rewound: true });

    rewound.repo.git('branch', '-D', 'main');
    expect(await rewound.land()).toEqual({ outcome: 'target-moved', tip: null, rewound: true });
  });

  test('a branch that has left the head which was approved does not land', async () => {
    const { repo, git, base, head, candidate } = await stage();
    const request = { runId, slug: '043', target: 'main', base, candidate };
    const approved = { branchName: 'roadmap-043', head };
    repo.git('update-ref', 'refs/heads/roadmap-043', candidate);
    expect(await git.land({ ...request, approved })).toEqual({ outcome: 'head-moved', ...approved, head: candidate });
    repo.git('update-ref', '-d', 'refs/heads/roadmap-043');
    expect(await git.land({ ...request, approved })).toEqual({ outcome: 'head-moved', ...approved, head: null });
    expect(repo.git('rev-parse', 'main')).toBe(base);
    repo.git('branch', 'roadmap-043', head);
    expect(await git.land({ ...request, approved })).toEqual({ outcome: 'landed' });
    // It has landed: what becomes of the branch then is told by others.
    repo.git('update-ref', '-d', 'refs/heads/roadmap-043');
    expect(await git.land({ ...request, approved })).toEqual({ outcome: 'landed' });
  });

  test('a candidate that was not built on the base never lands', async () => {
    const { repo, git, base } = await stage();
    const alone = repo.git('commit-tree', `${base}^{tree}`, '-m', 'Without parents');
    const result = await git.land({ runId, slug: '043', target: 'main', base, candidate: alone });
    expect(result.outcome).toBe('failed');
    expect(repo.git('rev-parse', 'main')).toBe(base);
  });

  test("the user's own hooks and merge settings have no say", async () => {
    const { repo, land } = await stage();
    for (const hook of ['post-merge', 'reference-transaction', 'post-index-change', 'post-checkout']) {
      repo.write(`.git/hooks/${hook}`, '#!/bin/sh\ntouch "$HOME/hook-ran"\nexit 1\n');
    }
    repo.git('config', 'merge.autoStash', 'true');
    repo.git('config', 'merge.verifySignatures', 'true');
    repo.git('config', 'merge.ff', 'false');
    repo.write('b.txt', 'dirty\n');
    expect(await land()).toEqual({ outcome: 'landed' });
    expect(repo.read('b.txt')).toBe('dirty\n');
    expect(existsSync(join(repo.base, 'home/hook-ran'))).toBe(false);
  });
});
