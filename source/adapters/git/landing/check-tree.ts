import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { readRegular, writeFresh } from '../../regular-file.ts';
import { type GitCall, gitFailure } from '../calls/answers.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { hasName } from '../plumbing/object-name.ts';
import { parseStatus, splitNul } from '../plumbing/parse.ts';
import { assertOid } from '../plumbing/refs.ts';

/** A tree that is made or proven: where its files lie, and the git folder that it belongs to. */
export interface CheckTree {
  readonly path: string;
  readonly gitDir: string;
}

/** Writes every file of a commit into an empty folder, through an index that knows nothing of any tree before. */
export async function writeTree(context: GitContext, { path, gitDir }: CheckTree, commit: Oid): Promise<void> {
  for (const name of ['index', 'config.worktree', 'info']) rmSync(join(gitDir, name), { recursive: true, force: true });
  await must(context, { cwd: path, args: ['read-tree', '--reset', '-u', commit], config: plainFiles(path) });
}

/**
 * True where the tree holds every file of the commit, to the byte, and HEAD names it. An index that was made for this question alone knows
 * no flags and no times, so that git reads every file. Throws when git cannot tell.
 */
export async function isTreeOf(context: GitContext, { path }: CheckTree, commit: Oid): Promise<boolean> {
  const index = join(
    privateFolder(join(context.runtimeDir, 'tmp')),
    `check-index-${process.pid}-${process.hrtime.bigint()}`,
  );
  const env = { GIT_INDEX_FILE: index };
  try {
    await must(context, { cwd: path, args: ['read-tree', commit], config: plainFiles(path), env });
    const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=no', '--no-renames'];
    const output = await must(context, { cwd: path, args, config: plainFiles(path), env });
    const { oid, branch, tracked } = parseStatus(output.stdout);
    if (oid !== commit || branch !== null) return false;
    for (const file of tracked) if (!(await isAsWritten(context, { path, commit, file, env }))) return false;
    return true;
  } finally {
    rmSync(index, { force: true });
    rmSync(`${index}.lock`, { force: true });
  }
}

/** Files whose conversion does not come back to what is stored (line ends, pointers of LFS) count by what git would write. */
export async function isAsWritten(
  context: GitContext,
  wanted: { readonly path: string; readonly commit: Oid; readonly file: string; readonly env: Record<string, string> },
): Promise<boolean> {
  const { path, commit, file, env } = wanted;
  const place = join(path, file);
  const stats = lstatSync(place, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return false;
  const listed = await must(context, { cwd: path, args: ['ls-files', '-s', '-z', '--', file], env });
  const [mode = '', oid = ''] = listed.stdout.toString('utf8').split(' ');
  if (keepsModes(dirname(path)) && (mode === '100755') !== ((stats.mode & 0o100) !== 0)) return false;
  const stored = await must(context, { cwd: path, args: ['cat-file', 'blob', assertOid(oid)] });
  if (!hasName(oid, 'blob', stored.stdout)) return false;
  const call = { cwd: path, args: ['cat-file', '--filters', `${commit}:${file}`], env };
  const written = await context.git.ask(call, ({ code, stdout }) => (code === 0 ? stdout : undefined));
  return written.equals(readRegular(place, { most: stats.size }) ?? Buffer.alloc(0));
}

/** Brings what is to be kept from the tree before into the new one, which has nothing untracked yet. What is tracked there wins. */
export async function bringKept(
  context: GitContext,
  { path, gitDir }: CheckTree,
  old: string,
  keep: readonly string[],
): Promise<void> {
  if (keep.length === 0) return;
  const env = { GIT_DIR: gitDir, GIT_WORK_TREE: old, GIT_INDEX_FILE: join(gitDir, 'index') };
  const excluded = keep.map(pattern => `--exclude=${pattern}`);
  await must(context, { cwd: old, args: ['clean', '-ffdxq', ...excluded], env, globs: true });
  const left = await must(context, { cwd: old, args: ['ls-files', '--others', '--directory', '-z'], env });
  for (const name of splitNul(left.stdout.toString('utf8'))) {
    const file = name.replace(/\/$/, '');
    if (!makeFolders(path, file) || lstatSync(join(path, file), { throwIfNoEntry: false }) !== undefined) continue;
    if (lstatSync(join(old, file), { throwIfNoEntry: false }) !== undefined)
      renameSync(join(old, file), join(path, file));
  }
  await keepTimes(context, path, old);
}

/** The folders above a file; false where one of them is something else, which a link could lead anywhere from. */
function makeFolders(root: string, file: string): boolean {
  const parts = file.split('/').slice(0, -1);
  return parts.every((_, at) => {
    const folder = join(root, ...parts.slice(0, at + 1));
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) mkdirSync(folder);
    return stats === undefined || stats.isDirectory();
  });
}

/** What is kept was made from files by their times: a file that is the same to the byte keeps its own. */
async function keepTimes(context: GitContext, path: string, old: string): Promise<void> {
  const listed = await must(context, { cwd: path, args: ['ls-files', '-z'] });
  for (const [at, file] of splitNul(listed.stdout.toString('utf8')).entries()) {
    if (at % 100 === 0) await new Promise(resolve => setImmediate(resolve));
    const [was, now] = [join(old, file), join(path, file)];
    const before = lstatSync(was, { throwIfNoEntry: false });
    const stats = lstatSync(now, { throwIfNoEntry: false });
    if (before?.isFile() !== true || stats?.isFile() !== true || before.size !== stats.size) continue;
    if (isSame(was, now)) utimesSync(now, before.atime, before.mtime);
  }
  await must(context, { cwd: path, args: ['update-index', '-q', '--refresh'] });
}

function isSame(one: string, other: string): boolean {
  try {
    return readRegular(one)?.equals(readRegular(other) ?? Buffer.alloc(0)) === true;
  } catch {
    // Too large to be worth it, or gone meanwhile: then its time is that of the checkout.
    return false;
  }
}

/**
 * Whether the file system keeps modes and links is found out, not read from settings, which an agent can change. The tree is never sparse.
 */
function plainFiles(path: string): readonly string[] {
  const folder = dirname(path);
  return ['core.sparseCheckout=false', `core.fileMode=${keepsModes(folder)}`, `core.symlinks=${keepsLinks(folder)}`];
}

function keepsModes(folder: string): boolean {
  const probe = join(folder, `.mode-${process.pid}`);
  try {
    writeFresh(probe, '');
    chmodSync(probe, 0o700);
    const runs = (lstatSync(probe).mode & 0o100) !== 0;
    chmodSync(probe, 0o600);
    return runs && (lstatSync(probe).mode & 0o100) === 0;
  } finally {
    rmSync(probe, { force: true });
  }
}

function keepsLinks(folder: string): boolean {
  const probe = join(folder, `.link-${process.pid}`);
  try {
    rmSync(probe, { force: true });
    symlinkSync('nowhere', probe);
    return lstatSync(probe).isSymbolicLink();
  } catch {
    return false;
  } finally {
    if (existsSync(folder)) rmSync(probe, { force: true });
  }
}

async function must(context: GitContext, call: GitCall) {
  const output = await context.git.runLocked(call);
  if (output.code !== 0) throw gitFailure(call, output);
  return output;
}
