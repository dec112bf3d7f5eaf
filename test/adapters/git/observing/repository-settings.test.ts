import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

let repo: TestRepository;
let git: GitAdapter;

beforeAll(async () => {
  repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
  git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
});

afterAll(() => repo.cleanup());

async function settings(): Promise<Readonly<Record<string, string>>> {
  const { executables, settings } = await git.readSettings();
  return { ...executables, ...settings };
}

async function changedBy(change: () => void): Promise<readonly string[]> {
  const before = await settings();
  change();
  const now = await settings();
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(name => before[name] !== now[name]).sort();
}

const setting = (name: string, value: string, ...where: string[]) =>
  [`${where.join(' ')} ${name}`.trim(), () => repo.git('config', ...where, name, value)] as const;

describe('what makes git show something else than it stores', () => {
  it('is nothing that git does every day', async () => {
    const change = () => {
      repo.write('c.txt', 'c\n');
      repo.commit('More');
      repo.git('branch', '-q', '--track', 'other', 'main');
      repo.git('remote', 'add', 'origin', repo.root);
      repo.git('fetch', '-q', 'origin');
      repo.git('tag', 'v1');
      repo.git('config', 'user.email', 'ada@example.com');
      repo.git('gc', '-q');
      repo.git('commit-graph', 'write', '--reachable');
      repo.git('worktree', 'add', '-q', '--detach', join(repo.base, 'daily'));
    };
    expect(await changedBy(change)).toEqual(['config remote.origin.url']);
  });

  it.each([
    setting('core.fileMode', 'false'),
    setting('core.ignoreStat', 'true'),
    setting('core.trustctime', 'false'),
    setting('core.untrackedCache', 'true'),
    setting('core.excludesFile', '/nowhere'),
    setting('core.autocrlf', 'input'),
    setting('core.useReplaceRefs', 'true'),
    setting('core.sparseCheckoutCone', 'false'),
    setting('diff.noPrefix', 'true'),
    setting('diff.secret.binary', 'true'),
    setting('diff.secret.textconv', 'true'),
    setting('merge.renames', 'false'),
    setting('merge.mine.driver', 'true'),
    setting('filter.x.smudge', 'cat'),
    setting('index.skipHash', 'true'),
    setting('status.showUntrackedFiles', 'no'),
    setting('submodule.x.ignore', 'all'),
    setting('include.path', '/dev/null'),
    setting('extensions.partialClone', 'origin'),
    setting('gpg.ssh.defaultKeyCommand', 'cat key'),
    setting('commit.gpgSign', 'false'),
    setting('user.signingKey', 'other'),
    setting('push.default', 'matching'),
    setting('remote.pushDefault', 'elsewhere'),
    setting('remote.origin.mirror', 'true'),
    setting('remote.origin.push', 'main:other'),
    setting('branch.main.pushRemote', 'elsewhere'),
    setting('fetch.prune', 'true'),
    setting('gc.pruneExpire', 'now'),
    setting('hook.x.command', 'true'),
  ])('the setting %s', async (name, change) => {
    expect(await changedBy(change)).toEqual([`config ${name.toLowerCase()}`]);
  });

  it.each([setting('core.hooksPath', '/dev/null', '--global'), setting('core.autocrlf', 'true', '--global')])(
    'the setting %s of the user',
    async (name, change) => {
      expect(await changedBy(change)).toEqual([`global config ${name.replace('--global ', '').toLowerCase()}`]);
    },
  );

  it.each([
    'commondir.not',
    'info/attributes',
    'info/exclude',
    'info/grafts',
    'info/sparse-checkout',
    'objects/info/alternates',
    'shallow',
  ])('the file %s', async name => {
    const expected = name === 'commondir.not' ? [] : [`file ${name}`];
    const file = join(repo.root, '.git', name);
    const was = existsSync(file) ? repo.read(file) : null;
    expect(await changedBy(() => repo.write(file, '# changed\n'))).toEqual(expected);
    if (was === null) rmSync(file);
    else repo.write(file, was);
  });

  it("the user's ignore rules and attributes for all repositories", async () => {
    const home = repo.env.HOME ?? '';
    if ((await repo.tryGit(repo.root, 'config', '--get', 'core.excludesFile')).code === 0)
      repo.git('config', '--unset', 'core.excludesFile');
    const change = () => {
      repo.write(join(home, '.config/git/ignore'), '*.secret\n');
      repo.write(join(home, '.config/git/attributes'), '* -diff\n');
    };
    expect(await changedBy(change)).toEqual([`file ${home}/.config/git/attributes`, `file ${home}/.config/git/ignore`]);
  });

  it('an object that another stands in for', async () => {
    const [one, other] = [repo.git('rev-parse', 'HEAD:a.txt'), repo.git('rev-parse', 'HEAD:b.txt')];
    expect(await changedBy(() => repo.git('replace', one, other))).toEqual([`replacement of ${one}`]);
    repo.git('replace', '-d', one);
  });

  it('a file that is taken for unchanged', async () => {
    expect(await changedBy(() => repo.git('update-index', '--skip-worktree', 'a.txt'))).toEqual([
      'flag skip-worktree of a.txt',
    ]);
    expect(await changedBy(() => repo.git('update-index', '--assume-unchanged', 'b.txt'))).toEqual([
      'flag assume-unchanged of b.txt',
    ]);
  });

  it('a link where git keeps its objects', async () => {
    repo.git('gc', '-q');
    const change = () => {
      mkdirSync(join(repo.base, 'elsewhere'));
      renameSync(join(repo.root, '.git/objects/pack'), join(repo.base, 'elsewhere/pack'));
      symlinkSync(join(repo.base, 'elsewhere/pack'), join(repo.root, '.git/objects/pack'));
    };
    expect(await changedBy(change)).toEqual(['link objects/pack']);
  });

  it("the sparse set of a worktree of the user's, and nothing in a worktree that an agent has", async () => {
    const [mine, agents] = [join(repo.base, 'mine'), join(repo.base, 'agents')];
    repo.git('worktree', 'add', '-q', '--detach', mine);
    repo.git('worktree', 'add', '-q', '--detach', '--lock', '--reason', 'cm-tui abcdefgh12345678', agents);
    const change = () => {
      for (const tree of [mine, agents]) repo.gitIn(tree, 'sparse-checkout', 'set', 'nothing');
    };
    expect(await changedBy(change)).toEqual([
      'file worktrees/mine/config.worktree',
      'file worktrees/mine/info/sparse-checkout',
    ]);
  });
});
