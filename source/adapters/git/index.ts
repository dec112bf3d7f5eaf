import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Oid } from '../../domain/ids.ts';
import type { HookName } from '../../domain/queue/landing-style.ts';
import type { BranchesPort } from '../../ports/branches.ts';
import type { GitPort } from '../../ports/git.ts';
import type { OutsidePort } from '../../ports/outside.ts';
import type { RemotePort } from '../../ports/remote/upstream.ts';
import type { StatusWriter } from '../../ports/sources.ts';
import type { ScopesPort, SearchPort, WorkPort } from '../../ports/work.ts';
import { doAgain } from './calls/answers.ts';
import { createGate, createRunner } from './calls/run.ts';
import { type Recovery, recoverLanding } from './checkout/recover.ts';
import { releaseReplaced } from './checkout/rescue.ts';
import {
  createMutex,
  createRefQuestions,
  type GitContext,
  isAncestor,
  mergeBase,
  privateFolder,
  tipOf,
} from './context.ts';
import { branchCommits } from './history/branch-commits.ts';
import { findLanded } from './history/landed-work.ts';
import { replayBranch } from './history/replay.ts';
import { createSearch } from './items/search.ts';
import { writeScopes } from './items/write-scopes.ts';
import { createBranch, expirePins } from './landing/branches.ts';
import { prepare } from './landing/candidate.ts';
import { findHooks, type HooksFound, throughPreMerge } from './landing/hooks.ts';
import { candidateIntact, checkoutCandidate } from './landing/integration.ts';
import { land, undoLanding, writeStatus } from './landing/land.ts';
import { predict } from './landing/merge-tree.ts';
import { reverseCommit } from './landing/reverse-commit.ts';
import { type SignatureTrial, trySignature, wantsSignature } from './landing/signature.ts';
import { forgetOutside, keepOutside, keptOutside, readSettings, readTrees } from './observing/escape-snapshot.ts';
import { readExecutables } from './observing/executable-config.ts';
import { type ExportRequest, exportFiles } from './observing/export-files.ts';
import { workStamp } from './observing/fingerprint.ts';
import { changedPaths, inspect, readDiff } from './observing/inspect.ts';
import { listPins, observe } from './observing/observe.ts';
import { readFacts } from './observing/preflight.ts';
import { createPairPredictor, forgetWork } from './observing/scratch-objects.ts';
import { watchStash } from './observing/stash-watch.ts';
import { userChanges } from './observing/user-changes.ts';
import { keepEntries, releaseWork, saveTrees, writeDownWork } from './observing/user-work.ts';
import { snapshotWork } from './observing/wip-commit.ts';
import { locateRepository, type RepositoryLocation } from './plumbing/locate.ts';
import { createRefFiles } from './plumbing/ref-files.ts';
import { assertOid, branchRef } from './plumbing/refs.ts';
import { isCutOff } from './plumbing/shallow.ts';
import { followLinks, resolveTarget } from './plumbing/target.ts';
import { createRemote } from './remote/upstream.ts';
import { landingObstacles, type Obstacles, type Upcoming } from './target/obstacles.ts';
import { clean, probeClean } from './worktrees/clean.ts';
import { commitLeft } from './worktrees/commit-left.ts';
import { copyFiles } from './worktrees/copy-ignored.ts';
import { discardRun, restoreRun } from './worktrees/discard.ts';
import { freeRunLocks } from './worktrees/interrupted-add.ts';
import { uncommittedFiles } from './worktrees/setup-files.ts';
import { keepWarm } from './worktrees/warm.ts';
import { createWorktree } from './worktrees/worktree.ts';

export { locateRepository, type RepositoryLocation, userTree } from './plumbing/locate.ts';
export { quickLocation } from './plumbing/locate-fast.ts';
export { lockedRuns } from './worktrees/locked-runs.ts';

export interface GitOptions {
  /** Any folder of the repository. */
  readonly root: string;
  /** Where it lies, when that is known already. */
  readonly place?: RepositoryLocation;
  /** Our state folder; null: `<git-common-dir>/cm-tui`. */
  readonly runtimeDir: string | null;
  /** The branch work lands on, where it is not simply the one checked out; only the preflight asks for it. */
  readonly target?: string | null;
  /** Whether commits are signed where git's configuration asks for it; `auto` by default. */
  readonly sign?: 'auto' | 'never';
  /** Hooks of the user's that landings run; none by default. */
  readonly landingHooks?: readonly HookName[];
  /** Whether submodules are checked out in the worktrees of runs and of checks; not by default. */
  readonly submodules?: boolean;
  /** Folder of the integration worktree; by default one of ours below `$XDG_STATE_HOME`. */
  readonly integrationDir?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Sets a status in a file of another form than our ROADMAP; absent: such files are left alone. */
  readonly setStatus?: StatusWriter;
  /** Milliseconds of silence after which a call of git counts as unanswered; ten minutes by default. */
  readonly timeoutMs?: number;
}

/** Checkouts of new worktrees; each uses all cores. */
const checkoutsAtOnce = 3;

/** The port, and what the merge queue asks of git beyond it. */
export interface GitAdapter extends GitPort, WorkPort, BranchesPort, OutsidePort, SearchPort, ScopesPort {
  /** Names of the private refs that keep commits of runs; null where git cannot list them. */
  listPins(): Promise<readonly string[] | null>;
  /** Repairs the user's tree after a landing that was killed half-way; `land` does so by itself. */
  recoverLanding(): Promise<Recovery>;
  /** The branch that a name for the target stands for; see `resolveTarget` in plumbing/target.ts. */
  resolveTarget(name: string | null): Promise<string | null>;
  /** What is in the way of a landing on a branch now; see `landingObstacles` in target/obstacles.ts. */
  landingObstacles(target: string, upcoming: readonly Upcoming[]): Promise<Obstacles>;
  /** The commit at which two branches part; null: they share none, or git cannot tell. */
  mergeBase(one: Oid, other: Oid): Promise<Oid | null>;
  /** Files as they stand on the target, written below a folder of ours; for a repository without a work tree. */
  exportFiles(request: ExportRequest): Promise<Oid | null>;
  /** What of the repository's configuration and hooks can run programs, with digests. */
  readExecutables(): Promise<Readonly<Record<string, string>>>;
  readonly remote: RemotePort;
  /** What undoes several commits at once, as one commit on top of them. */
  reverseCommit(request: { readonly from: Oid; readonly to: Oid; readonly title: string }): Promise<Oid>;
  /** The user's own hooks, and whether new worktrees have them. */
  findHooks(): Promise<HooksFound>;
  /** Makes one signature, as a landing would. */
  trySignature(): Promise<SignatureTrial>;
  /** True where what is committed here is to be signed. */
  wantsSignature(): Promise<boolean>;
}

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
  const pairs = createPairPredictor(context);
  const resolved = async <R extends { readonly target: string }>(request: R): Promise<R> => ({
    ...request,
    target: await followLinks(context, request.target),
  });
  const resolvedName = async (target: string | null) => (target === null ? null : followLinks(context, target));
  return {
    ...createSearch(context),
    facts: async () =>
      readFacts(context, options.target === undefined ? null : await resolveTarget(context, options.target)),
    resolveTarget: name => resolveTarget(context, name),
    targetTip: target => tipOf(context, branchRef(target)),
    isAncestor: (ancestor, descendant) => isAncestor(context, assertOid(ancestor), assertOid(descendant)),
    findLanded: request => findLanded(context, request),
    observe: async (target, branchPrefix, folders) =>
      observe(context, await resolvedName(target), branchPrefix, folders),
    listPins: () => listPins(context),
    createWorktree: async request => createWorktree(context, await resolved(request)),
    copyFiles: (worktreePath, patterns) => copyFiles(context, worktreePath, patterns),
    freeRunLocks: request => context.exclusive(() => freeRunLocks(context, request)),
    inspect: async request => inspect(context, await resolved(request)),
    predict: async (target, head) => predict(context, await followLinks(context, target), assertOid(head)),
    prepare: async request => {
      const prepared = await context.exclusive(async () => prepare(context, await resolved(request)));
      return throughPreMerge(context, request, prepared);
    },
    checkoutCandidate: (candidate, keep, slot) => checkoutCandidate(context, candidate, keep, slot ?? 0),
    candidateIntact: (candidate, slot) => candidateIntact(context, assertOid(candidate), slot ?? 0),
    land: async request => land(context, await resolved(request)),
    writeStatus: async request => writeStatus(context, await resolved(request)),
    writeScopes: async request => writeScopes(context, await resolved(request)),
    diff: request => readDiff(context, request),
    branchCommits: request => branchCommits(context, request),
    probeClean: async request => probeClean(context, await resolved(request)),
    clean: async request => clean(context, await resolved(request)),
    recoverLanding: () => context.exclusive(() => recoverLanding(context)),
    replayBranch: async request => replayBranch(context, await resolved(request)),
    undoLanding: async request => undoLanding(context, await resolved(request)),
    workStamp: (worktreePath, paths) => workStamp(context, worktreePath, paths),
    snapshotWork: worktreePath => snapshotWork(context, worktreePath),
    uncommittedFiles: worktreePath => uncommittedFiles(context, worktreePath),
    changedPaths: (target, head) => changedPaths(context, assertOid(target), assertOid(head)),
    forgetWork: () => forgetWork(context),
    keepWarm: async request => keepWarm(context, await resolved(request)),
    writeDownWork: runId => writeDownWork(context, runId),
    workChanges: (before, run, runs) => userChanges(context, before, run, runs),
    watchStash: onChange => watchStash(context, onChange),
    keepEntries: (runId, entries) => keepEntries(context, runId, entries),
    saveTrees: (runId, trees) => saveTrees(context, runId, trees),
    releaseWork: except => releaseWork(context, except),
    readSettings: () => readSettings(context),
    readTrees: (others, settled) =>
      settled ? context.exclusive(() => readTrees(context, others)) : readTrees(context, others),
    keepOutside: (runId, look) => keepOutside(context, runId, look),
    keptOutside: runId => keptOutside(context, runId),
    forgetOutside: except => forgetOutside(context, except),
    readExecutables: () => readExecutables(context),
    reverseCommit: request => reverseCommit(context, request),
    findHooks: () => findHooks(context),
    trySignature: () => trySignature(context),
    wantsSignature: () => wantsSignature(context),
    remote: createRemote(context),
    createBranch: ({ slug, branchName, head }) =>
      context.exclusive(() =>
        doAgain(
          () => createBranch(context, branchName, head, slug),
          ({ outcome }) => outcome === 'failed',
        ),
      ),
    discardRun: async request => discardRun(context, await resolved(request)),
    restoreRun: request => restoreRun(context, request),
    commitLeft: request => commitLeft(context, request),
    releaseReplaced: now => context.exclusive(() => releaseReplaced(context, now)),
    expirePins: (olderThan, target) =>
      context.exclusive(async () => expirePins(context, olderThan, await resolvedName(target))),
    landingObstacles: async (target, upcoming) =>
      landingObstacles(context, await followLinks(context, target), upcoming),
    exportFiles: async request => exportFiles(context, await resolved(request)),
    mergeBase: (one, other) => mergeBase(context, assertOid(one), assertOid(other)),
    predictPair: (one, other, target = null) =>
      pairs(assertOid(one), assertOid(other), target === null ? null : assertOid(target)),
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
