import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, locateRepository } from '../../../../source/adapters/git/index.ts';
import { createRepository, type RepositoryOptions, type TestRepository } from '../../../helpers/git/repository.ts';

const opened: TestRepository[] = [];

function make(options: RepositoryOptions = {}): TestRepository {
  const repo = createRepository(options);
  opened.push(repo);
  return repo;
}

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const factsAt = async (folder: string, env: NodeJS.ProcessEnv, target: string | null = null) =>
  (await createGit({ root: folder, runtimeDir: null, environment: env, target })).facts();

describe('facts', () => {
  test('a plain repository, from its root and from a subfolder', async () => {
    const repo = make({ files: { 'src/deep/a.txt': 'a\n' } });
    const facts = await factsAt(repo.root, repo.env);
    expect(facts).toEqual({
      root: repo.root,
      name: 'shop',
      commonDir: join(repo.root, '.git'),
      bare: false,
      shallow: false,
      gitVersion: repo.git('version').split(' ')[2],
      currentBranch: 'main',
      committer: { name: 'Ada', email: 'ada@example.org' },
      problems: [],
      remarks: [],
    });
    expect(await factsAt(join(repo.root, 'src/deep'), repo.env)).toEqual(facts);
    symlinkSync(repo.root, join(repo.base, 'link'));
    expect(await factsAt(join(repo.base, 'link'), repo.env)).toEqual(facts);
  });

  test('inside a linked worktree the main one is the root, and its own branch the current one', async () => {
    const repo = make();
    repo.git('worktree', 'add', '-q', '-b', 'other', join(repo.base, 'linked'));
    expect(await factsAt(join(repo.base, 'linked'), repo.env)).toMatchObject({
      root: repo.root,
      currentBranch: 'other',
      problems: [],
    });
  });

  test('says what it makes of replacement objects, grafts and alternates that are there already', async () => {
    const repo = make();
    const head = repo.git('rev-parse', 'HEAD');
    const other = repo.git('commit-tree', '-m', 'Other', 'HEAD^{tree}');
    repo.git('replace', head, other);
    repo.write(join(repo.root, '.git/info/grafts'), `${head}\n`);
    repo.write(join(repo.root, '.git/objects/info/alternates'), `${repo.root}/.git/objects\n`);
    const { remarks } = await factsAt(repo.root, repo.env);
    expect(remarks).toEqual([
      expect.stringContaining('replacement objects (git replace); cm-tui does not follow them'),
      expect.stringContaining('grafts (info/grafts); cm-tui does not follow them'),
      expect.stringContaining('borrows objects from another repository'),
    ]);
  });

  test('says that a shallow file hides commits which are there, and is no shallow clone', async () => {
    const repo = make();
    repo.commit('Second');
    repo.write(join(repo.root, '.git/shallow'), `${repo.git('rev-parse', 'HEAD')}\n`);
    const { remarks } = await factsAt(repo.root, repo.env);
    expect(remarks).toEqual([expect.stringMatching(/^Its shallow file .* hides commits that are there; .* Remove/)]);
  });

  test('a bare repository needs a target', async () => {
    const repo = make();
    const bare = join(repo.base, 'shop.git');
    repo.gitIn(repo.base, 'clone', '-q', '--bare', repo.root, bare);
    const facts = await factsAt(bare, repo.env);
    expect(facts).toMatchObject({ root: bare, name: 'shop', bare: true, currentBranch: null });
    expect(facts.problems).toEqual([expect.stringContaining('--target')]);
    expect((await factsAt(bare, repo.env, 'main')).problems).toEqual([]);
    repo.gitIn(bare, 'worktree', 'add', '-q', join(repo.base, 'tree'), 'main');
    expect(await factsAt(join(repo.base, 'tree'), repo.env, 'main')).toMatchObject({
      root: bare,
      bare: true,
      problems: [],
    });
  });

  test('a repository whose git folder lies elsewhere', async () => {
    const repo = make({ files: {} });
    const tree = join(repo.base, 'apart');
    repo.gitIn(repo.base, 'init', '-q', '-b', 'main', '--separate-git-dir', join(repo.base, 'store'), tree);
    repo.write(join(tree, 'a.txt'), 'a\n');
    repo.commit('Begin', tree);
    expect(await factsAt(tree, repo.env)).toMatchObject({
      root: tree,
      commonDir: join(repo.base, 'store'),
      problems: [],
    });
    repo.gitIn(tree, 'worktree', 'add', '-q', join(repo.base, 'linked'));
    const facts = await factsAt(join(repo.base, 'linked'), repo.env);
    expect(facts.problems).toEqual([expect.stringContaining('main worktree of this repository cannot be found')]);
  });

  test('no commit, a detached head, a missing target, no identity: each a sentence with its mend', async () => {
    const unborn = make({ files: {} });
    expect((await factsAt(unborn.root, unborn.env)).problems).toEqual([
      expect.stringMatching(/no commit yet; make the first one/),
    ]);

    const detached = make();
    detached.git('switch', '-q', '--detach');
    expect((await factsAt(detached.root, detached.env)).problems).toEqual([
      expect.stringMatching(/detached.*--target/),
    ]);
    expect((await factsAt(detached.root, detached.env, 'main')).problems).toEqual([]);
    expect((await factsAt(detached.root, detached.env, 'nowhere')).problems).toEqual([
      expect.stringMatching(/nowhere does not exist/),
    ]);

    const nobody = make();
    const {
      GIT_AUTHOR_NAME: _a,
      GIT_AUTHOR_EMAIL: _b,
      GIT_COMMITTER_NAME: _c,
      GIT_COMMITTER_EMAIL: _d,
      ...anonymous
    } = nobody.env;
    nobody.git('config', 'user.useConfigOnly', 'true');
    expect((await factsAt(nobody.root, anonymous)).problems).toEqual([
      expect.stringMatching(/user\.name.*user\.email/),
    ]);
    nobody.git('config', 'user.name', 'Ada');
    nobody.git('config', 'user.email', 'ada@example.org');
    expect((await factsAt(nobody.root, anonymous)).problems).toEqual([]);
  });

  test('the user is known by a configuration named in the environment', async () => {
    const repo = make();
    const {
      GIT_AUTHOR_NAME: _a,
      GIT_AUTHOR_EMAIL: _b,
      GIT_COMMITTER_NAME: _c,
      GIT_COMMITTER_EMAIL: _d,
      ...anonymous
    } = repo.env;
    repo.git('config', 'user.useConfigOnly', 'true');
    repo.write(join(repo.base, 'my.config'), '[user]\nname = Ada\nemail = ada@example.org\n');
    const env = { ...anonymous, GIT_CONFIG_GLOBAL: join(repo.base, 'my.config') };
    expect((await factsAt(repo.root, env)).problems).toEqual([]);
  });

  test('an old git is named with what is needed', async () => {
    const repo = make();
    const tools = join(repo.base, 'tools');
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    repo.write(
      join(tools, 'git'),
      `#!/bin/sh\ncase "$*" in *version) echo git version 2.37.1;; *) exec ${real} "$@";; esac\n`,
    );
    chmodSync(join(tools, 'git'), 0o755);
    const facts = await factsAt(repo.root, { ...repo.env, PATH: `${tools}:${repo.env.PATH}` });
    expect(facts.problems).toEqual(['git 2.37.1 is too old for trial merges; install git 2.38 or newer.']);
  });

  test('what is only worth knowing', async () => {
    const repo = make({
      files: { '.gitattributes': '*.png filter=lfs\n', '.gitmodules': '[submodule "x"]\n', 'a/b.txt': 'x\n' },
    });
    repo.git('sparse-checkout', 'set', 'a');
    const remarks = (await factsAt(repo.root, repo.env)).remarks.join(' ');
    expect(remarks).toMatch(/submodules.*Git LFS.*sparse/);
    const shallow = join(repo.base, 'shallow');
    repo.commit('Second');
    repo.gitIn(repo.base, 'clone', '-q', '--depth', '1', `file://${repo.root}`, shallow);
    expect(await factsAt(shallow, repo.env)).toMatchObject({
      shallow: true,
      remarks: expect.arrayContaining([expect.stringMatching(/unshallow/)]),
    });
  });
});

describe('locateRepository', () => {
  test('says what is wrong, with exit code 3', async () => {
    const repo = make();
    const plain = join(repo.base, 'plain');
    mkdirSync(plain);
    await expect(locateRepository(plain)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/git init/),
    });
    await expect(locateRepository(join(repo.base, 'nowhere'))).rejects.toMatchObject({ exitCode: 3 });
    const folder = await createGit({ root: repo.root, runtimeDir: null, environment: { ...repo.env, PATH: '' } }).catch(
      error => error,
    );
    expect(folder).toMatchObject({ exitCode: 3, message: expect.stringMatching(/not installed/) });
  });

  test('a repository of another user is refused, and no exception is made for it', async context => {
    const reason = 'only root can give a repository to another user';
    if (process.getuid?.() !== 0) {
      // Nobody else may change an owner; CI runs as root and tries it.
      console.log(`Skipped: ${reason}.`);
      return context.skip(reason);
    }
    const repo = make();
    chownSync(join(repo.root, '.git'), 12345, 12345);
    chownSync(repo.root, 12345, 12345);
    const refusal = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env }).catch(error => error);
    expect(refusal).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/belongs to another user.*safe\.directory/),
    });
  });
});

describe('the environment of git', () => {
  test('variables that name a repository, bring configuration or start programs do not get through', async () => {
    const repo = make();
    const hostile = {
      ...repo.env,
      GIT_DIR: join(repo.base, 'nowhere'),
      GIT_WORK_TREE: '/',
      GIT_INDEX_FILE: '/nowhere',
      GIT_OBJECT_DIRECTORY: '/nowhere',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.bare',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_CONFIG_PARAMETERS: "'core.bare'='true'",
      GIT_EXTERNAL_DIFF: 'false',
      GIT_PAGER: 'false',
      GIT_SSH: 'false',
      EDITOR: 'false',
      PAGER: 'false',
      PREFIX: '/usr',
    };
    expect(await factsAt(repo.root, hostile)).toMatchObject({ root: repo.root, bare: false, problems: [] });
  });

  test('a git that lies in the repository is not run', async () => {
    const repo = make();
    repo.write('bin/git', '#!/bin/sh\ntouch "$HOME/ran"\n');
    chmodSync(join(repo.root, 'bin/git'), 0o755);
    const git = await createGit({
      root: repo.root,
      runtimeDir: null,
      environment: { ...repo.env, PATH: `bin:.:${join(repo.root, 'bin')}:${repo.env.PATH}` },
    });
    expect((await git.facts()).problems).toEqual([]);
    expect(existsSync(join(repo.base, 'home/ran'))).toBe(false);
  });
});
