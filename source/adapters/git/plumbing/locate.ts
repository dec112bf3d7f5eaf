import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { readRegularText } from '../../regular-file.ts';
import { GitFailure, stdoutText } from '../calls/answers.ts';
import { createRunner, type GitRunner } from '../calls/run.ts';
import { parseWorktrees } from './parse.ts';

/** Where a repository lies. All paths are real paths. */
export interface RepositoryLocation {
  /** The main worktree; for a bare repository the repository itself. */
  readonly root: string;
  /** The main worktree, null when there is none (bare) or git cannot say where it is. */
  readonly mainTree: string | null;
  /** The folder that all worktrees share (`.git`). */
  readonly commonDir: string;
  readonly bare: boolean;
  readonly shallow: boolean;
  /** The linked worktree of the user's that it was found from: what is read from files, and the branch that work lands on, are those of it. */
  readonly startedIn?: { readonly path: string; readonly gitDir: string };
}

/** The work tree that the user works in: the linked one that cm-tui was started in, else the main one; null: there is none. */
export function userTree(place: RepositoryLocation): string | null {
  return place.startedIn?.path ?? place.mainTree;
}

/** Finds the repository around `folder`: from a subfolder, inside a linked worktree, in a bare one. Throws `CmError` (exit code 3). */
export async function locateRepository(
  folder: string,
  environment: NodeJS.ProcessEnv = process.env,
  timeoutMs?: number,
): Promise<RepositoryLocation> {
  const start = await realpath(folder).catch(() => null);
  if (start === null) throw new CmError(`The folder ${sanitizeLine(folder, 300)} does not exist.`, 3);
  const git = createRunner(enclosingTree(start), environment, null, timeoutMs);
  const revParse = (...questions: string[]) =>
    git
      .ask({ cwd: start, args: ['rev-parse', '--path-format=absolute', ...questions] }, output => {
        const text = stdoutText(output);
        if (text !== undefined) return text.replace(/\n$/, '');
        if (noRepository.test(output.stderr)) throw refusal(start, output.stderr);
        return undefined;
      })
      .catch(async (error: unknown) => {
        throw error instanceof GitFailure ? await withVersion(git, start, error) : error;
      });
  const places = ['--git-common-dir', '--absolute-git-dir'];
  const answer = await revParse('--is-bare-repository', '--is-shallow-repository', ...places);
  const [isBare, isShallow, ...lines] = answer.split('\n');
  // A path may hold a line break: then each is asked for by itself.
  const paths = lines.length === 2 ? lines : [await revParse('--git-common-dir'), await revParse('--absolute-git-dir')];
  const [commonDir, gitDir] = await Promise.all([realpath(paths[0] ?? ''), realpath(paths[1] ?? '')]);
  const shallow = isShallow === 'true';
  const list = parseWorktrees(await git.text({ cwd: start, args: ['worktree', 'list', '--porcelain', '-z'] }));
  const main = list[0];
  const linked = linkedAround(start, commonDir, gitDir);
  const startedIn = linked === null ? {} : { startedIn: linked };
  if (main === undefined || main.bare || isBare === 'true') {
    return { root: commonDir, mainTree: null, commonDir, bare: true, shallow, ...startedIn };
  }
  const mainTree = await findMainTree(git, start, { listed: main.path, commonDir, gitDir });
  return { root: mainTree ?? commonDir, mainTree, commonDir, bare: false, shallow, ...startedIn };
}

/**
 * The linked worktree around a folder. Null: it is the main one, or one that a run works in: whoever asks there means the repository, never
 * to land work on the branch of a run.
 */
function linkedAround(
  start: string,
  commonDir: string,
  gitDir: string,
): { readonly path: string; readonly gitDir: string } | null {
  const path = enclosingTree(start);
  if (path === null || dirname(gitDir) !== join(commonDir, 'worktrees')) return null;
  return isOfRun(gitDir) ? null : { path, gitDir };
}

function isOfRun(gitDir: string): boolean {
  try {
    return readRegularText(join(gitDir, 'locked'))?.startsWith('cm-tui ') === true;
  } catch {
    return false;
  }
}

/** The nearest folder that looks like a work tree, before git is asked: no program is taken from within it. */
function enclosingTree(start: string): string | null {
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return null;
  }
}

/** Git takes the main worktree to lie around the common folder, which is wrong for `--separate-git-dir`; there we look ourselves. */
async function findMainTree(
  git: GitRunner,
  start: string,
  place: { readonly listed: string; readonly commonDir: string; readonly gitDir: string },
): Promise<string | null> {
  if (existsSync(join(place.listed, '.git'))) return realpath(place.listed);
  if (place.gitDir === place.commonDir) {
    const top = await git.ask({ cwd: start, args: ['rev-parse', '--show-toplevel'] }, output => {
      if (output.code === 0) return output.stdout.toString('utf8').replace(/\n$/, '');
      return /must be run in a work tree/.test(output.stderr) ? '' : undefined;
    });
    if (top !== '') return realpath(top);
  }
  const setting = ['config', '--default', '', '--get', '-z', 'core.worktree'];
  const named = (await git.text({ cwd: place.commonDir, args: setting })).replace(/\0$/, '');
  if (named === '') return null;
  return realpath(join(place.commonDir, named)).catch(() => realpath(named).catch(() => null));
}

/** Git's words for a folder that is not in a repository. Any other failure is not an answer. */
const noRepository = /dubious ownership|not a git repository/i;

function refusal(folder: string, words: string): CmError {
  const shown = sanitizeLine(folder, 300);
  if (/dubious ownership/.test(words)) {
    return new CmError(
      `Git refuses to work in ${shown} because it belongs to another user; if you trust it, run: git config --global --add safe.directory ${shown}`,
      3,
    );
  }
  return new CmError(`${shown} is not inside a git repository; run git init there, or name one with --repo.`, 3);
}

async function withVersion(git: GitRunner, folder: string, error: GitFailure): Promise<CmError> {
  const version = await git.version(folder).catch(() => 'of an unknown version');
  const shown = sanitizeLine(folder, 300);
  return new CmError(`The repository at ${shown} cannot be read (git ${String(version)}): ${error.message}`, 3);
}
