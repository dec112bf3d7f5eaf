import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkedOut, importCommit, repositoryLike } from './quick-git.ts';

export interface RepositoryOptions {
  /** Name of the repository's folder; its parent is a temporary folder of its own. Default `shop`. */
  readonly name?: string;
  /** Files of the first commit; an empty record makes no commit. Default: one file `README.md`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default `main`. */
  readonly branch?: string;
  /** Parent of the temporary folder. Default: the system's. */
  readonly under?: string;
  readonly bare?: boolean;
}

/** A real repository that knows nothing of the machine's or the user's configuration. */
export interface TestRepository {
  /** The repository's folder (real path). */
  readonly root: string;
  /** The temporary folder around it: worktrees beside the repository lie here. */
  readonly base: string;
  /** Whole environment for git and for programs under test: own HOME, no system configuration, a fixed identity. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs git in the root and returns its output without the last line break; throws when it fails. */
  git(...args: string[]): string;
  /** As `git`, in another folder. */
  gitIn(folder: string, ...args: string[]): string;
  /** Runs git and reports how it ended instead of throwing. */
  tryGit(folder: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Writes a file (relative to the root, or absolute), making its folders. */
  write(path: string, text: string | Buffer): void;
  read(path: string): string;
  /** Adds everything and commits; returns the commit's id. */
  commit(message: string, folder?: string): string;
  /** Commits `files` (null removes one) on a branch made from `from`, without touching the checkout or running a filter; returns the commit's id. */
  branch(name: string, files: Readonly<Record<string, string | null>>, from?: string): string;
  /** Removes everything. */
  cleanup(): void;
}

const identity = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

const run = promisify(execFile);

/**
 * Environment for git in `home`, with nothing of the caller's own git settings, and without the machine's certificates, which make every
 * start of Node twice as long and are of no use to anything that is tried here.
 */
export function isolatedEnvironment(home: string): NodeJS.ProcessEnv {
  const plain = Object.entries(process.env).filter(([name]) => !/^(GIT_|XDG_|CM_|NODE_EXTRA_CA_CERTS$)/.test(name));
  return { ...Object.fromEntries(plain), HOME: home, GIT_CONFIG_NOSYSTEM: '1', ...identity };
}

export function createRepository(options: RepositoryOptions = {}): TestRepository {
  const base = realpathSync(mkdtempSync(join(options.under ?? tmpdir(), 'cm-tui-test-')));
  const root = join(base, options.name ?? 'shop');
  const home = join(base, 'home');
  mkdirSync(home);
  const env = isolatedEnvironment(home);
  const feed = (folder: string, input: string, args: readonly string[]) =>
    execFileSync('git', args, { cwd: folder, env, input, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 28 }).replace(
      /\n$/,
      '',
    );
  const gitIn = (folder: string, ...args: string[]) => feed(folder, '', args);

  const write = (path: string, text: string | Buffer) => {
    const file = path.startsWith('/') ? path : join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const commit = (message: string, folder = root) => {
    gitIn(folder, 'add', '-A');
    gitIn(folder, '-c', 'maintenance.auto=false', 'commit', '-q', '--allow-empty', '-m', message);
    return checkedOut(folder) ?? gitIn(folder, 'rev-parse', 'HEAD');
  };
  const { branch: first = 'main', bare = false, files = { 'README.md': '# Shop\n' } } = options;
  const begin = () => {
    gitIn(base, 'init', '-q', '-b', first, ...(bare ? ['--bare'] : []), root);
    if (bare || Object.keys(files).length === 0) return;
    for (const [path, text] of Object.entries(files)) write(path, text);
    commit('Begin');
  };
  // The index of a copy remembers the times of other files.
  if (
    repositoryLike(JSON.stringify([first, bare, files]), root, begin) === 'copied' &&
    existsSync(join(root, '.git/index'))
  )
    gitIn(root, 'update-index', '-q', '--refresh');
  const repository: TestRepository = {
    root,
    base,
    env,
    git: (...args) => gitIn(root, ...args),
    gitIn,
    async tryGit(folder, ...args) {
      try {
        const { stdout, stderr } = await run('git', args, { cwd: folder, env, maxBuffer: 1 << 28 });
        return { code: 0, stdout, stderr };
      } catch (error) {
        const failed = error as { code?: number; stdout?: string; stderr?: string };
        return { code: failed.code ?? -1, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
      }
    },
    write,
    read: path => readFileSync(path.startsWith('/') ? path : join(root, path), 'utf8'),
    commit,
    branch: (name, changes, from = 'HEAD') =>
      importCommit((input, ...args) => feed(root, input, args), {
        ref: `refs/heads/${name}`,
        from,
        message: `Work on ${name}`,
        changes,
      }),
    cleanup: () => rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
  return repository;
}
