import type { Oid, RunId } from '../../../domain/ids.ts';
import type { Instance } from '../../../domain/instance.ts';
import type { Candidate } from '../../../domain/queue/merge-entry.ts';
import type { LandRequest } from '../../../ports/git.ts';
import type { State } from '../../state/state.ts';

/** A run whose candidate is known. */
export type WithCandidate = Instance & { readonly merge: { readonly candidate: Candidate } };

/**
 * The candidates on which that of `top` is built, each on the one before it, and its own at the end: what is checked, and lands, together.
 * All of them are in the state that `top` is in.
 */
export function chainBelow(instances: readonly Instance[], top: WithCandidate): readonly WithCandidate[] {
  const chain = [top];
  for (;;) {
    const lowest = chain[0] ?? top;
    const below = instances.filter(hasCandidate).find(one => isBuiltOn(lowest, one));
    if (below === undefined || chain.includes(below)) return chain;
    chain.unshift(below);
  }
}

/** What is in `state` (`checking` or `landing`), as the chain that it is; `broken`: there is more than that. */
export function chainIn(
  { instances }: Pick<State, 'instances'>,
  state: 'checking' | 'landing',
): { readonly chain: readonly WithCandidate[]; readonly broken: boolean } {
  const all = instances.filter(one => one.state === state);
  const known = all.filter(hasCandidate);
  const top = known.find(one => !known.some(other => isBuiltOn(other, one)));
  const chain = top === undefined ? [] : chainBelow(instances, top);
  return { chain, broken: chain.length !== all.length };
}

/** The others that an instance is checked, or lands, together with. */
export function togetherWith(state: Pick<State, 'instances'>, { runId, state: at }: Instance): readonly Instance[] {
  if (at !== 'checking' && at !== 'landing') return [];
  const { chain } = chainIn(state, at);
  return chain.some(one => one.runId === runId) ? chain.filter(one => one.runId !== runId) : [];
}

/** What git is asked to land: a candidate, and those of other runs that lie below it. */
export function landRequest(
  { instances }: Pick<State, 'instances'>,
  { runId, slug, target, branchName, merge }: Instance,
  { base, candidate, with: below }: { readonly base: Oid; readonly candidate: Oid; readonly with?: readonly RunId[] },
): LandRequest {
  const head = merge.candidate?.head;
  const others = instances.filter(hasCandidate).filter(one => below?.includes(one.runId) === true);
  return {
    runId,
    slug,
    target,
    base,
    candidate,
    ...(head === undefined ? {} : { approved: { branchName, head } }),
    ...(others.length === 0 ? {} : { with: others.map(landsToo) }),
  };
}

function landsToo({ slug, branchName, merge: { candidate } }: WithCandidate) {
  return { slug, candidate: candidate.oid, approved: { branchName, head: candidate.head } };
}

export function hasCandidate(instance: Instance): instance is WithCandidate {
  return instance.merge.candidate !== null;
}

function isBuiltOn({ state, target, merge }: WithCandidate, below: WithCandidate): boolean {
  return below.state === state && below.target === target && below.merge.candidate.oid === merge.candidate.base;
}
