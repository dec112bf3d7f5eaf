import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSettings } from '../adapters/config/index.ts';
import { createGit, type GitAdapter, headBranch, locateRepository, quickLocation } from '../adapters/git/index.ts';
import { CmError } from '../domain/errors.ts';
import type { Settings } from '../domain/settings.ts';
import { writeError } from './output.ts';
import type { GlobalOptions, StartOptions } from './program.ts';

/** A repository with its settings, before anybody owns it. */
export interface Context {
  readonly root: string;
  readonly commonDir: string;
  /** `<git-common-dir>/cm-tui`. */
  readonly stateDir: string;
  readonly settings: Settings;
  readonly git: GitAdapter;
  /** The branch that work lands on; null: none can be told (detached, bare or unborn, and none was named). */
  readonly target: string | null;
}

/** Finds the repository around `--repo` or the current folder and reads its settings. */
export async function openContext(options: GlobalOptions & StartOptions): Promise<Context> {
  const folder = options.repo ?? process.cwd();
  const place = quickLocation(folder) ?? (await locateRepository(folder));
  const stateDir = join(place.commonDir, 'cm-tui');
  const { settings, warnings } = await loadSettings({
    flags: flagSettings(options),
    env: process.env,
    root: place.root,
    commonDir: place.commonDir,
  });
  for (const warning of warnings) writeError(warning);
  const git = await createGit({ root: place.root, place, runtimeDir: stateDir, target: settings.targetBranch });
  const target = settings.targetBranch ?? (place.bare ? null : headBranch(place.commonDir));
  return { root: place.root, commonDir: place.commonDir, stateDir, settings, git, target };
}

/** The target, or the sentence that says how to name one. */
export function requireTarget(context: Context): string {
  if (context.target !== null) return context.target;
  throw new CmError(
    'No branch is checked out to land on; name one with --target BRANCH or "cm-tui config set targetBranch BRANCH".',
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

/** A file named on the command line is looked for from the current folder first, then from the repository's. */
function fromHere(path: string): string {
  const here = resolve(path);
  return existsSync(here) ? here : path;
}
