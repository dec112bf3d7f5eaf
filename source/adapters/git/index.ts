import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EarlyGit, GitAdapter, GitOptions, LateGit } from './adapter.ts';
import { createGate, createRunner } from './calls/run.ts';
import { createMutex, createRefQuestions, type GitContext, privateFolder, tipOf } from './context.ts';
import { lateMethods, remoteMethods, whenAsked } from './late-methods.ts';
import { forgetOutside, keepOutside, keptOutside } from './observing/escape-snapshot.ts';
import { workStamp } from './observing/fingerprint.ts';
import { watchStash } from './observing/stash-watch.ts';
import { locateRepository } from './plumbing/locate.ts';
import { createRefFiles } from './plumbing/ref-files.ts';
import { branchRef } from './plumbing/refs.ts';
import { isCutOff } from './plumbing/shallow.ts';
import { resolveTarget } from './plumbing/target.ts';

export type { GitAdapter } from './adapter.ts';
export { locateRepository, type RepositoryLocation, userTree } from './plumbing/locate.ts';
export { quickLocation } from './plumbing/locate-fast.ts';
export { lockedRuns } from './worktrees/locked-runs.ts';

/** Checkouts of new worktrees; each uses all cores. */
const checkoutsAtOnce = 3;

/**
 * Git for one repository; the only place where git is started. Throws `CmError` (exit code 3) where there is no repository, no git,
 * or git refuses to read it.
 */
export async function createGit(options: GitOptions): Promise<GitAdapter> {
  const environment = options.environment ?? process.env;
  const { timeoutMs } = options;
  const place = options.place ?? (await locateRepository(options.root, environment, timeoutMs));
  const programsFrom = place.mainTree ?? place.commonDir;
  const cutOff =
    place.shallow && (await isCutOff(createRunner(programsFrom, environment, null, timeoutMs), place.commonDir));
  const git = createRunner(programsFrom, environment, { commonDir: place.commonDir, shallow: cutOff }, timeoutMs);
  const home = place.mainTree ?? place.commonDir;
  const context: GitContext = {
    git,
    elsewhere: createRunner(programsFrom, environment, null, timeoutMs),
    place,
    cutOff,
    runtimeDir: stateFolder(options.runtimeDir ?? join(place.commonDir, 'cm-tui')),
    integrationDir: options.integrationDir ?? defaultIntegrationDir(place, environment),
    home,
    refFiles: createRefFiles(place.commonDir),
    askRefs: createRefQuestions(git, home),
    checkout: { gitDir: place.commonDir, note: 'landing.json' },
    sign: options.sign ?? 'auto',
    submodules: options.submodules ?? false,
    landingHooks: options.landingHooks ?? [],
    setStatus: options.setStatus ?? (() => Promise.resolve(null)),
    environment,
    exclusive: createMutex(),
    checkOuts: createGate(checkoutsAtOnce),
  };
  let loaded: Promise<LateGit> | undefined;
  const load = () => {
    loaded ??= import('./late.ts').then(({ createLate }) => createLate(context, options.target));
    return loaded;
  };
  const remote = whenAsked(async () => (await load()).remote, remoteMethods);
  return { ...createEarly(context), ...whenAsked(load, lateMethods), remote };
}

function createEarly(context: GitContext): EarlyGit {
  return {
    resolveTarget: name => resolveTarget(context, name),
    targetTip: target => tipOf(context, branchRef(target)),
    watchStash: onChange => watchStash(context, onChange),
    keepOutside: (runId, look) => keepOutside(context, runId, look),
    keptOutside: runId => keptOutside(context, runId),
    forgetOutside: except => forgetOutside(context, except),
    workStamp: (worktreePath, paths) => workStamp(context, worktreePath, paths),
  };
}

/** A repository that we may only read can still be looked at; what has to write says so itself when it comes to that. */
function stateFolder(path: string): string {
  try {
    return privateFolder(path);
  } catch {
    return path;
  }
}

/**
 * Not inside the repository's own folder, since test runners skip every path with `.git` in it; not beside the repository, where
 * other tools would find it; not in a temporary folder, which may be emptied under us.
 */
function defaultIntegrationDir(
  place: { readonly root: string; readonly commonDir: string },
  environment: NodeJS.ProcessEnv,
): string {
  const state = environment.XDG_STATE_HOME;
  const home = environment.HOME ?? homedir();
  const root = state?.startsWith('/') === true ? state : join(home, '.local', 'state');
  const mark = createHash('sha256').update(place.commonDir).digest('hex').slice(0, 16);
  return join(root, 'cm-tui', mark, 'checks');
}
