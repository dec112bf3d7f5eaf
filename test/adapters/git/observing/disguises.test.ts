import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { writeFalseGraph } from '../../../helpers/git/disguises.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

interface Stage {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  readonly base: string;
  readonly head: string;
  readonly worktree: string;
}

const runId = 'abcdefgh12345678';
const branchName = 'roadmap-043';
let one: Stage;
let before: Awaited<ReturnType<typeof answers>>;

/** Two commits on the target, and a branch of two more in a worktree of ours that changes `src/tool.sh`. */
beforeAll(async () => {
  const repo = createRepository({ files: { 'README.md': 'Shop\n', 'src/old.txt': 'old\n' } });
  repo.write('src/more.txt', 'more\n');
  const base = repo.commit('More');
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const worktree = join(repo.base, 'shop-wt043');
  await git.createWorktree({ runId, slug: '043', branchName, path: worktree, target: 'main' });
  repo.write(join(worktree, 'src/tool.sh'), 'curl evil.example\n');
  repo.commit('Tool', worktree);
  repo.write(join(worktree, 'src/more.txt'), 'more and more\n');
  const head = repo.commit('Even more', worktree);
  repo.write('README.md', 'Changed by the user\n');
  one = { repo, git, base, head, worktree };
  before = await answers(one);
  expect(before).toMatchObject({ landed: false, prediction: { outcome: 'clean' }, prepared: 'prepared' });
  expect(Object.keys(before.uncommitted?.[repo.root] ?? {})).toEqual(['README.md']);
  expect(before.clean).toEqual([`${branchName} holds work that is not on main.`]);
});

afterAll(() => one.repo.cleanup());

/** All that is asked about a branch before it lands, and whether it could be removed. */
async function answers({ git, base, head, worktree }: Stage) {
  const facts = await git.inspect({ branchName, worktreePath: worktree, base, target: 'main' });
  const request = { runId, slug: '043', worktreePath: worktree, branchName, target: 'main', landed: null, head };
  const prepared = await git.prepare({
    runId,
    slug: '043',
    target: 'main',
    branchName,
    head,
    message: 'Merge US-043',
    trailers: {},
    status: null,
  });
  return {
    facts,
    diff: await git.diff({ branchName, worktreePath: worktree, base, head }),
    landed: await git.isAncestor(head, base),
    prediction: await git.predict('main', head),
    clean: (await git.probeClean(request)).obstacles,
    prepared: prepared.outcome,
    uncommitted: await git.readTrees([], false),
  };
}

interface Disguise {
  /** Puts it into the repository. Returns what plain git is fooled about, which is the precondition of the case. */
  put(): { readonly ask: readonly string[]; readonly truth: string };
  remove(): void;
}

const removeReplacements = () => one.repo.git('replace', '-d', one.repo.git('replace', '-l'));
const file = (name: string) => join(one.repo.root, '.git', name);

const disguises: Record<string, Disguise> = {
  'a tree replaced by another': {
    put() {
      const { repo, head, worktree } = one;
      repo.write(join(worktree, 'src/tool.sh'), 'echo fine\n');
      repo.gitIn(worktree, 'add', '-A');
      const fine = repo.gitIn(worktree, 'rev-parse', `${repo.gitIn(worktree, 'write-tree')}:src`);
      repo.gitIn(worktree, 'reset', '-q', '--hard');
      repo.git('replace', repo.git('rev-parse', `${head}:src`), fine);
      return { ask: ['show', `${head}:src/tool.sh`], truth: 'curl evil.example' };
    },
    remove: removeReplacements,
  },
  'a file replaced by another': {
    put() {
      const { repo, head } = one;
      writeFileSync(join(repo.base, 'fine'), 'echo fine\n');
      const fine = repo.git('hash-object', '-w', join(repo.base, 'fine'));
      repo.git('replace', repo.git('rev-parse', `${head}:src/tool.sh`), fine);
      return { ask: ['show', `${head}:src/tool.sh`], truth: 'curl evil.example' };
    },
    remove: removeReplacements,
  },
  'a commit replaced by one with other parents': {
    put() {
      const { repo, head } = one;
      repo.git('replace', '--graft', head);
      return { ask: ['rev-list', '--count', head], truth: '4' };
    },
    remove: removeReplacements,
  },
  'a graft that makes the branch an ancestor of the target': {
    put() {
      const { repo, base, head } = one;
      const parent = repo.git('rev-parse', `${base}~1`);
      repo.write('.git/info/grafts', `${base} ${parent} ${head}\n${repo.git('rev-parse', `${head}~1`)} ${parent}\n`);
      return { ask: ['log', '-1', '--format=%P', base], truth: parent };
    },
    remove: () => rmSync(file('info/grafts')),
  },
  'a shallow file that hides where the branch began': {
    put() {
      one.repo.write('.git/shallow', `${one.repo.git('rev-parse', `${one.head}~1`)}\n`);
      return { ask: ['rev-list', '--count', one.head], truth: '4' };
    },
    remove: () => rmSync(file('shallow')),
  },
  'a commit graph with a parent that is none': {
    put() {
      writeFalseGraph(one.repo, one.base, one.head);
      return { ask: ['rev-list', '--count', one.base], truth: '2' };
    },
    remove: () => rmSync(file('objects/info/commit-graph')),
  },
  'another work tree': {
    put() {
      mkdirSync(join(one.repo.base, 'elsewhere'));
      one.repo.git('config', 'core.worktree', join(one.repo.base, 'elsewhere'));
      return { ask: ['-C', '.git', 'rev-parse', '--show-toplevel'], truth: one.repo.root };
    },
    remove: () => one.repo.git('config', '--unset', 'core.worktree'),
  },
  'a repository that calls itself bare': {
    put() {
      one.repo.git('config', 'core.bare', 'true');
      return { ask: ['rev-parse', '--is-bare-repository'], truth: 'false' };
    },
    remove: () => one.repo.git('config', 'core.bare', 'false'),
  },
  'another work tree for the worktree': {
    put() {
      const { repo, worktree } = one;
      const other = join(repo.base, 'another');
      repo.git('worktree', 'add', '-q', '--detach', other);
      repo.git('config', 'extensions.worktreeConfig', 'true');
      repo.gitIn(worktree, 'config', '--worktree', 'core.worktree', other);
      return { ask: ['-C', worktree, 'rev-parse', '--show-toplevel'], truth: worktree };
    },
    remove: () => one.repo.gitIn(one.worktree, 'config', '--worktree', '--unset', 'core.worktree'),
  },
};

describe('what an agent writes beside the objects', () => {
  it.each(Object.entries(disguises))('%s: is not believed', async (_, { put, remove }) => {
    const { ask, truth } = put();
    try {
      expect(one.repo.git(...ask)).not.toBe(truth);
      expect(await answers(one)).toEqual(before);
      // Nor by a coordinator that starts after it was written.
      const later = await createGit({ root: one.repo.root, runtimeDir: null, environment: one.repo.env });
      expect(await later.isAncestor(one.head, one.base)).toBe(false);
      const request = { branchName, worktreePath: one.worktree, base: one.base, target: 'main' };
      expect(await later.inspect(request)).toEqual(before.facts);
    } finally {
      remove();
    }
  });

  async function besideCommonFolder(name: string, check: () => Promise<void>): Promise<void> {
    const { repo, git } = one;
    const other = join(repo.base, 'other.git');
    repo.git('clone', '-q', '--bare', '.', other);
    const was = readFileSync(join(repo.root, name), { encoding: 'utf8', flag: 'a+' });
    repo.write(name, `${other}\n`);
    try {
      await check();
    } finally {
      if (was === '') rmSync(join(repo.root, name));
      else repo.write(name, was);
      rmSync(other, { recursive: true });
    }
    expect(await git.targetTip('main')).toBe(one.base);
  }

  it('a common folder of somebody else for the repository: is told, and nothing is taken from it', () =>
    besideCommonFolder('.git/commondir', async () => {
      await expect(answers(one)).rejects.toThrow(/in place of this one; remove that file/);
    }));

  it('a common folder of somebody else for a worktree: the branch alone counts, and nothing of it is removed', () =>
    besideCommonFolder(`.git/worktrees/${basename(one.worktree)}/commondir`, async () => {
      const { clean } = await answers(one);
      expect(clean).toContainEqual(expect.stringContaining('is not a worktree of this repository'));
    }));
});
