/** What is proposed for items of unknown scope, and what that gains. Pure. */
import type { Item, Scope } from '../../item.ts';
import { computePlan, type PlanInput } from '../../plan.ts';
import { scopeCovers } from '../../scope.ts';
import { globOf } from '../glob-of.ts';
import { applyScopes, type SetScope } from '../set-scopes.ts';

export interface ProposedFile {
  readonly path: string;
  /** Why, strongest first. */
  readonly reasons: readonly string[];
  /** How likely it is to be changed, 0 to 1; null: an agent proposes it. */
  readonly likelihood: number | null;
}

export interface ProposedDependency {
  readonly id: string;
  readonly reason: string;
}

/** A proposal for one item. Nothing of it counts before a person has said yes. */
export interface Proposal {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  /** Who proposes: `guess`, or the name of an agent. */
  readonly by: string;
  /** False: the guess is not good enough to be relied on, so the scope stays as it is. */
  readonly sure: boolean;
  readonly files: readonly ProposedFile[];
  /** Where it is not sure: what may be meant, for a person to choose from. */
  readonly candidates: readonly ProposedFile[];
  /** Items to be added to its dependencies. */
  readonly dependencies: readonly ProposedDependency[];
  /** The scope as it is now. */
  readonly current: Scope;
  /** Files that the item may not touch as it is now, and may then. Of an unknown scope: all of them. */
  readonly widens: readonly string[];
}

/** The scope that a proposal leads to. */
export function proposedScope({ sure, files, current }: Pick<Proposal, 'sure' | 'files' | 'current'>): Scope {
  return sure && files.length > 0 ? { kind: 'known', paths: files.map(({ path }) => globOf(path)) } : current;
}

export function widening(current: Scope, files: readonly ProposedFile[]): readonly string[] {
  const paths = files.map(({ path }) => path);
  return current.kind === 'unknown' ? paths : paths.filter(path => !scopeCovers(current, path));
}

/** What the plan gains by proposals. */
export interface Gain {
  /** Items that could run at once now, and with the proposals, out of so many planned ones, with `maxParallel` as it is. */
  readonly before: number;
  readonly after: number;
  readonly of: number;
  readonly maxParallel: number;
  /** Rounds that all of them take. */
  readonly rounds: { readonly before: number; readonly after: number };
}

/** From the real plan: the same items, dependencies, runs and settings, once as they are and once with the proposals. */
export function gainOf(input: PlanInput, set: readonly SetScope[]): Gain {
  const scopes = Object.fromEntries(set.map(one => [one.priorityId, one]));
  const before = computePlan(input).groups();
  const after = computePlan({ ...input, items: applyScopes(input.items, scopes) }).groups();
  return {
    before: largest(before),
    after: largest(after),
    of: before.reduce((sum, group) => sum + group.length, 0),
    maxParallel: input.settings.maxParallel,
    rounds: { before: before.length, after: after.length },
  };
}

function largest(groups: readonly (readonly string[])[]): number {
  return Math.max(0, ...groups.map(group => group.length));
}

export function gainSentence({ before, after, of }: Gain): string {
  if (of === 0) return 'No item is planned.';
  return after === before
    ? `${after} of ${of} could run at once, as before.`
    : `${after} of ${of} could run at once instead of ${before}.`;
}

/** What is set when a person says yes to these proposals as they stand. */
export function toSet(proposals: readonly Proposal[], items: readonly Item[]): readonly SetScope[] {
  return proposals.flatMap(proposal => {
    const item = items.find(({ id }) => id === proposal.id);
    const scope = proposedScope(proposal);
    const dependsOn = proposal.dependencies.map(({ id }) => id);
    const paths = scope === proposal.current ? [] : scope.paths;
    if (item === undefined || (paths.length === 0 && dependsOn.length === 0)) return [];
    return [{ priorityId: item.id, paths, dependsOn, replaces: item.scope }];
  });
}

export interface Suggestions {
  readonly proposals: readonly Proposal[];
  readonly gain: Gain;
  /** What to know about them, a sentence each. */
  readonly notes: readonly string[];
}
