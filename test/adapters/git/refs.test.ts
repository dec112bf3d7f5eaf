import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';
import { isLong } from '../../helpers/tiers.ts';

const opened: TestRepository[] = [];
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A repository with pins of ours to delete, whose packed refs are locked. */
async function locked({ note }: { readonly note: number | null }) {
  const repo = createRepository();
  opened.push(repo);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  await git.writeDownWork('abcdefgh12345678');
  const notes = join(repo.root, '.git/cm-tui/deleting');
  const lock = join(repo.root, '.git/packed-refs.lock');
  if (note !== null) {
    mkdirSync(notes, { recursive: true, mode: 0o700 });
    writeFileSync(join(notes, `${note}-0`), '');
  }
  writeFileSync(lock, '');
  return { repo, git, lock, notes, pins: () => repo.git('for-each-ref', 'refs/cm/user') };
}

/** The number of a process that is gone. */
function gone(): number {
  return spawnSync('true').pid;
}

// Each waits for the lock as long as git's own users are given.
describe('packed-refs.lock, when refs are to be deleted', () => {
  test('goes where an earlier deletion of ours died together with its git', async () => {
    const { git, lock, notes, pins } = await locked({ note: gone() });
    expect(pins()).not.toBe('');
    await git.releaseWork(new Set());
    expect(pins()).toBe('');
    expect(existsSync(lock)).toBe(false);
    expect(readdirSync(notes)).toEqual([]);
  });

  test('stays where no deletion of ours died', async () => {
    const { git, lock, notes, pins } = await locked({ note: null });
    await git.releaseWork(new Set()).catch(() => undefined);
    expect(pins()).not.toBe('');
    expect(existsSync(lock)).toBe(true);
    expect(readdirSync(notes)).toEqual([]);
  });

  test.runIf(isLong)('stays where the deletion is still under way in another process', async () => {
    const { git, lock, pins } = await locked({ note: process.ppid });
    await git.releaseWork(new Set()).catch(() => undefined);
    expect(pins()).not.toBe('');
    expect(existsSync(lock)).toBe(true);
  });

  test.runIf(isLong)('stays where it is older than the deletion that died', async () => {
    const { git, lock, pins } = await locked({ note: gone() });
    utimesSync(lock, 1000, 1000);
    await git.releaseWork(new Set()).catch(() => undefined);
    expect(pins()).not.toBe('');
    expect(existsSync(lock)).toBe(true);
  });

  test.runIf(isLong)('stays while a git works in another worktree, and goes after it', async () => {
    const { repo, git, lock, pins } = await locked({ note: gone() });
    const other = `${repo.root}-other`;
    repo.git('worktree', 'add', '-q', other);
    const child = spawn('git', ['hash-object', '--stdin'], { cwd: other, stdio: ['pipe', 'ignore', 'ignore'] });
    started.push(child);
    await git.releaseWork(new Set()).catch(() => undefined);
    expect(existsSync(lock)).toBe(true);
    const over = new Promise(resolve => child.once('exit', resolve));
    child.kill('SIGKILL');
    await over;
    await git.releaseWork(new Set());
    expect(pins()).toBe('');
    expect(existsSync(lock)).toBe(false);
  });
});
