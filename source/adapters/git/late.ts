import type { GitOptions, LateGit } from './adapter.ts';
import { doAgain } from './calls/answers.ts';
import { recoverLanding } from './checkout/recover.ts';
import { releaseReplaced } from './checkout/rescue.ts';
import { type GitContext, isAncestor, mergeBase } from './context.ts';
import { branchCommits } from './history/branch-commits.ts';
import { findLanded } from './history/landed-work.ts';
import { replayBranch } from './history/replay.ts';
import { createSearch } from './items/search.ts';
import { writeScopes } from './items/write-scopes.ts';
import { createBranch, expirePins } from './landing/branches.ts';
import { prepare } from './landing/candidate.ts';
import { findHooks, throughPreMerge } from './landing/hooks.ts';
import { candidateIntact, checkoutCandidate } from './landing/integration.ts';
import { land, undoLanding, writeStatus } from './landing/land.ts';
import { predict } from './landing/merge-tree.ts';
import { reverseCommit } from './landing/reverse-commit.ts';
import { trySignature, wantsSignature } from './landing/signature.ts';
import { readSettings, readTrees } from './observing/escape-snapshot.ts';
import { readExecutables } from './observing/executable-config.ts';
import { exportFiles } from './observing/export-files.ts';
import { changedPaths, inspect, readDiff } from './observing/inspect.ts';
import { listPins, observe } from './observing/observe.ts';
import { readFacts } from './observing/preflight.ts';
import { createPairPredictor, forgetWork } from './observing/scratch-objects.ts';
import { userChanges } from './observing/user-changes.ts';
import { keepEntries, releaseWork, saveTrees, writeDownWork } from './observing/user-work.ts';
import { snapshotWork } from './observing/wip-commit.ts';
import { assertOid } from './plumbing/refs.ts';
import { followLinks, resolveTarget } from './plumbing/target.ts';
import { createRemote } from './remote/upstream.ts';
import { landingObstacles } from './target/obstacles.ts';
import { clean, probeClean } from './worktrees/clean.ts';
import { commitLeft } from './worktrees/commit-left.ts';
import { copyFiles } from './worktrees/copy-ignored.ts';
import { discardRun, restoreRun } from './worktrees/discard.ts';
import { freeRunLocks } from './worktrees/interrupted-add.ts';
import { uncommittedFiles } from './worktrees/setup-files.ts';
import { keepWarm } from './worktrees/warm.ts';
import { createWorktree } from './worktrees/worktree.ts';

/** Everything but what `createGit` answers itself; loaded when the first of it is asked for. `target`: as in `GitOptions`. */
export function createLate(context: GitContext, target: GitOptions['target']): LateGit {
  const pairs = createPairPredictor(context);
  const resolved = async <R extends { readonly target: string }>(request: R): Promise<R> => ({
    ...request,
    target: await followLinks(context, request.target),
  });
  const resolvedName = async (target: string | null) => (target === null ? null : followLinks(context, target));
  return {
    ...createSearch(context),
    facts: async () => readFacts(context, target === undefined ? null : await resolveTarget(context, target)),
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
    snapshotWork: worktreePath => snapshotWork(context, worktreePath),
    uncommittedFiles: worktreePath => uncommittedFiles(context, worktreePath),
    changedPaths: (target, head) => changedPaths(context, assertOid(target), assertOid(head)),
    forgetWork: () => forgetWork(context),
    keepWarm: async request => keepWarm(context, await resolved(request)),
    writeDownWork: runId => writeDownWork(context, runId),
    workChanges: (before, run, runs) => userChanges(context, before, run, runs),
    keepEntries: (runId, entries) => keepEntries(context, runId, entries),
    saveTrees: (runId, trees) => saveTrees(context, runId, trees),
    releaseWork: except => releaseWork(context, except),
    readSettings: () => readSettings(context),
    readTrees: (others, settled) =>
      settled ? context.exclusive(() => readTrees(context, others)) : readTrees(context, others),
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
