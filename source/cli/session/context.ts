import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LoadedSettings, loadSettings } from '../../adapters/config/index.ts';
import { createGit, type GitAdapter, locateRepository, quickLocation, userTree } from '../../adapters/git/index.ts';
import { CmError } from '../../domain/errors.ts';
import { hooksToRun } from '../../domain/queue/landing-style.ts';
import type { Settings } from '../../domain/settings.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import type { StatusWriter } from '../../ports/sources.ts';
import type { GlobalOptions, StartOptions } from '../options.ts';
import { writeError } from '../output/output.ts';

/** A repository with its settings, before anybody owns it. */
export interface Context {
  /** The worktree that cm-tui was started in; without one, the main worktree or the bare repository. */
  readonly root: string;
  readonly commonDir: string;
  /** There is no work tree to read files from. */
  readonly bare: boolean;
  /** `<git-common-dir>/cm-tui`. */
  readonly stateDir: string;
  /** Those in force; `adoptSettings` replaces them. */
  readonly settings: Settings;
  readonly git: GitAdapter;
  /** The branch that work lands on; null if none is known (detached, bare or unborn, and none was named). */
  readonly target: string | null;
  /** The settings as files, environment and command line say them now. Throws a `CmError` for an invalid value. */
  readSettings(): Promise<LoadedSettings>;
  /** These count from now on. */
  adoptSettings(settings: Settings): void;
}

/** Finds the repository around `--repo` or the current folder and reads its settings. */
export async function openContext(options: GlobalOptions & StartOptions): Promise<Context> {
  const folder = options.repo ?? process.cwd();
  const place = quickLocation(folder) ?? (await locateRepository(folder));
  const stateDir = join(place.commonDir, 'cm-tui');
  const tree = userTree(place);
  const root = tree ?? place.root;
  const bare = place.bare && tree === null;
  refuseMissing(options, { root, bare });
  const { commonDir } = place;
  const readSettings = () => loadSettings({ flags: flagSettings(options), env: process.env, root, commonDir });
  const { settings, warnings, untrusted } = await readSettings();
  for (const warning of warnings) writeError(warning);
  if (untrusted !== null) writeError(untrustedSentence(untrusted));
  const where = { root, place, runtimeDir: stateDir };
  const git = await createGit({
    ...where,
    target: settings.targetBranch,
    sign: settings.sign,
    landingHooks: hooksToRun(settings.landingHooks),
    submodules: settings.submodules,
    setStatus,
  });
  const target = await git.resolveTarget(settings.targetBranch);
  let inForce = settings;
  return {
    root,
    commonDir,
    bare,
    stateDir,
    get settings() {
      return inForce;
    },
    git,
    target,
    readSettings,
    adoptSettings: next => {
      inForce = next;
    },
  };
}

/** The forms of lists are loaded when the first status is written. */
const setStatus: StatusWriter = async (...request) =>
  (await import('../../adapters/sources/formats.ts')).setStatusInFile(...request);

/** The target, or the sentence that says how to name one. */
export function requireTarget(context: Context): string {
  if (context.target !== null) return context.target;
  throw new CmError(
    'No branch is checked out to land on. Name one with --target BRANCH or "cm-tui config set targetBranch BRANCH".',
    3,
  );
}

function flagSettings(options: GlobalOptions & StartOptions): Partial<Settings> {
  return {
    ...(options.target === undefined ? {} : { targetBranch: options.target }),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(options.roadmap === undefined ? {} : { roadmap: fromHere(options.roadmap) }),
    ...(options.ownership === undefined ? {} : { ownership: fromHere(options.ownership) }),
    ...(options.maxParallel === undefined ? {} : { maxParallel: options.maxParallel }),
    ...(options.approve === undefined ? {} : { approve: options.approve }),
  };
}

/** A file named on the command line must exist: continuing without an ownership table would let everything land. */
function refuseMissing(options: GlobalOptions, place: { readonly root: string; readonly bare: boolean }): void {
  for (const [option, path] of [
    ['--roadmap', options.roadmap],
    ['--ownership', options.ownership],
  ] as const) {
    // In a bare repository it is a path on the target, which is read later.
    if (path === undefined || place.bare || existsSync(resolve(path)) || existsSync(resolve(place.root, path)))
      continue;
    throw new CmError(`${option}: ${escapePath(path)} does not exist. Name an existing file.`, 2);
  }
}

/** A file named on the command line is looked up from the current folder first, then from the repository's. */
function fromHere(path: string): string {
  const here = resolve(path);
  return existsSync(here) ? here : path;
}

/** The command that accepts a tracked settings file with this hash. */
export function consentTo(hash: string): string {
  return `cm-tui config trust ${hash.slice(0, 16)}`;
}

/** Opening a repository runs nothing from it: what its settings file would start waits until the user has seen that exact file. */
export function untrustedSentence({ path, hash, keys }: NonNullable<LoadedSettings['untrusted']>): string {
  return `${escapePath(path)} sets ${keys.join(', ')}, ignored until you accept this version: read it, then run "${consentTo(hash)}".`;
}
