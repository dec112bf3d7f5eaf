import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { preparation } from '../../../helpers/git/preparation.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

/** The attributes of the target decide how a branch merges, whatever the user has checked out, as in `git merge` in a checkout of it. */

const opened: TestRepository[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const union = (path: string) => `${path} merge=union\n`;

/** Both sides add a line to `path`; the target has `attributes`. The user is on `elsewhere`, as `main` was before that. */
function make(path: string, attributes: Readonly<Record<string, string>>): { repo: TestRepository; head: string } {
  const repo = createRepository({ files: { [path]: 'top\n' } });
  opened.push(repo);
  repo.git('switch', '-qc', 'elsewhere');
  const move = (name: string, files: Readonly<Record<string, string>>, from: string) =>
    repo.git('update-ref', `refs/heads/${name}`, repo.branch(`${name}-next`, files, from));
  if (Object.keys(attributes).length > 0) move('main', attributes, 'main');
  const head = repo.branch('roadmap-043', { [path]: 'top\nagent\n' }, 'main');
  repo.git('update-ref', 'refs/heads/main', repo.branch('human', { [path]: 'top\nhuman\n' }, 'main'));
  return { repo, head };
}

async function merged({ repo, head }: { repo: TestRepository; head: string }): Promise<string> {
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const prepared = await git.prepare({ ...preparation, head });
  return prepared.outcome === 'prepared' ? repo.git('ls-tree', '-r', prepared.candidate) : prepared.outcome;
}

async function byGit({ repo }: { repo: TestRepository }): Promise<string> {
  const tree = join(repo.base, 'beside');
  repo.git('worktree', 'add', '-q', '--detach', tree, 'main');
  const { code } = await repo.tryGit(tree, 'merge', '-q', '--no-edit', 'roadmap-043');
  return code === 0 ? repo.gitIn(tree, 'ls-tree', '-r', 'HEAD') : 'conflict';
}

test.each([
  ['of the top folder', 'CHANGELOG.md', { '.gitattributes': union('CHANGELOG.md') }],
  ['of a folder below', 'docs/log/LOG.md', { 'docs/.gitattributes': union('LOG.md') }],
  ['none', 'CHANGELOG.md', {}],
])('attributes of the target alone: %s', async (_, path, attributes) => {
  const stage = make(path, attributes);
  expect(await merged(stage)).toBe(await byGit(stage));
});

test('attributes of the checkout alone, committed there or edited, have no say', async () => {
  for (const commit of [true, false]) {
    const stage = make('CHANGELOG.md', {});
    stage.repo.write('.gitattributes', union('CHANGELOG.md'));
    if (commit) stage.repo.commit('Attributes');
    expect(await merged(stage)).toBe('conflict');
    expect(await byGit(stage)).toBe('conflict');
    expect(stage.repo.read('.gitattributes')).toBe(union('CHANGELOG.md'));
  }
});

test('in a bare repository the attributes of the target count too', async () => {
  const { repo, head } = make('CHANGELOG.md', { '.gitattributes': union('CHANGELOG.md') });
  const root = join(repo.base, 'bare.git');
  repo.gitIn(repo.base, 'clone', '-q', '--bare', repo.root, root);
  const bare = { ...repo, root, git: (...args: string[]) => repo.gitIn(root, ...args) };
  expect(await merged({ repo: bare, head })).toBe(await byGit({ repo }));
});

test('the merge driver that the target names runs, in a folder with its attributes', async () => {
  const stage = make('CHANGELOG.md', { '.gitattributes': 'CHANGELOG.md merge=keep\n' });
  stage.repo.git('config', 'merge.keep.driver', 'cat .gitattributes >> %A; echo both >> %A');
  expect(await merged(stage)).toBe(await byGit(stage));
});
