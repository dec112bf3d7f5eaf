import type { RemotePort } from '../../ports/remote/upstream.ts';
import type { LateGit } from './adapter.ts';

type Asynchronous = (...given: never[]) => Promise<unknown>;

/** A method that answers at once would answer with a promise here, without its callers' types showing it: it has no place in the list. */
type Names<T> = Readonly<{ [K in keyof T]: T[K] extends Asynchronous ? true : never }>;

export const remoteMethods: Names<RemotePort> = {
  upstream: true,
  url: true,
  fetch: true,
  bringForward: true,
  push: true,
};

export const lateMethods: Names<Omit<LateGit, 'remote'>> = {
  branchCommits: true,
  candidateIntact: true,
  changedPaths: true,
  checkoutCandidate: true,
  clean: true,
  commitLeft: true,
  copyFiles: true,
  createBranch: true,
  createWorktree: true,
  diff: true,
  discardRun: true,
  expirePins: true,
  exportFiles: true,
  facts: true,
  findHooks: true,
  findLanded: true,
  forgetWork: true,
  freeRunLocks: true,
  inspect: true,
  isAncestor: true,
  keepEntries: true,
  keepWarm: true,
  land: true,
  landingObstacles: true,
  listPins: true,
  mergeBase: true,
  observe: true,
  pastChanges: true,
  predict: true,
  predictPair: true,
  prepare: true,
  probeClean: true,
  readExecutables: true,
  readSettings: true,
  readTrees: true,
  recoverLanding: true,
  releaseReplaced: true,
  releaseWork: true,
  replayBranch: true,
  restoreRun: true,
  reverseCommit: true,
  saveTrees: true,
  snapshotWork: true,
  trackedFiles: true,
  trySignature: true,
  uncommittedFiles: true,
  undoLanding: true,
  usesOf: true,
  wantsSignature: true,
  workChanges: true,
  writeDownWork: true,
  writeScopes: true,
  writeStatus: true,
};

/** Methods of an object that is made when the first of them is called. */
export function whenAsked<T extends object, K extends keyof T>(
  load: () => Promise<T>,
  names: Readonly<Record<K, true>>,
): Pick<T, K> {
  const call =
    (name: K) =>
    async (...given: readonly unknown[]): Promise<unknown> =>
      ((await load())[name] as (...given: readonly unknown[]) => unknown)(...given);
  // A method for every name, which no type of an object made from entries can say.
  return Object.fromEntries(Object.keys(names).map(name => [name, call(name as K)])) as unknown as Pick<T, K>;
}
