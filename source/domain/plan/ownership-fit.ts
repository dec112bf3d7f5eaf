import type { Item } from '../item.ts';
import type { Ownership } from '../ownership/ownership.ts';
import { compareSpecificity, isReadOnly, sameType } from '../queue/gate.ts';
import { patternsOverlap, patternWithin } from '../scope.ts';
import type { Settings } from '../settings.ts';

type Policy = Pick<Settings, 'unowned' | 'ownershipPolicy' | 'readOnlyTypes'>;

interface Known {
  readonly ownership: Ownership;
  readonly policy: Policy;
  readonly obstacles: readonly string[];
}

/** An item is compared with the same table at every change of anything. */
const known = new WeakMap<Item, Known>();

/**
 * Why an item's declared scope does not lie inside what its agent type owns (docs/contract.md): one sentence for each path of the
 * scope that reaches into another type's files. Only a `known` scope is a promise that can be judged before the work; what was really
 * changed is judged at the gate. Empty where ownership only warns.
 */
export function ownershipObstacles(item: Item, ownership: Ownership, policy: Policy): readonly string[] {
  return policy.ownershipPolicy === 'warn' ? [] : outsideOwnership(item, ownership, policy);
}

/** The same sentences where the setting `ownershipPolicy` is `warn`: they hold nothing up. */
export function ownershipWarnings(item: Item, ownership: Ownership, policy: Policy): readonly string[] {
  return policy.ownershipPolicy === 'warn' ? outsideOwnership(item, ownership, policy) : [];
}

function outsideOwnership(item: Item, ownership: Ownership, policy: Policy): readonly string[] {
  if (item.scope.kind !== 'known' || ownership.rules.length === 0) return [];
  const before = known.get(item);
  if (before?.ownership === ownership && before.policy === policy) return before.obstacles;
  const obstacles = findObstacles(item, ownership, policy);
  known.set(item, { ownership, policy, obstacles });
  return obstacles;
}

function findObstacles({ scope, agentType }: Item, ownership: Ownership, policy: Policy): readonly string[] {
  if (isReadOnly(agentType, ownership, policy)) return [];
  const paths = scope.paths.filter(path => !/^!(?!\()/.test(path));
  return paths.map(path => obstacle(path, agentType, ownership, policy.unowned)).filter(text => text !== null);
}

function obstacle(path: string, agentType: string, ownership: Ownership, unowned: Settings['unowned']): string | null {
  const own = ownership.rules.filter(rule => sameType(rule.owner, agentType) && patternWithin(path, rule.pattern));
  const foreign = ownership.rules.find(
    rule =>
      !sameType(rule.owner, agentType) &&
      patternsOverlap(path, rule.pattern) &&
      !own.some(other => other.pattern === rule.pattern || compareSpecificity(other, rule) > 0),
  );
  if (foreign !== undefined) {
    const place = patternWithin(path, foreign.pattern) ? path : `${foreign.pattern} within ${path}`;
    return `${place} belongs to ${foreign.owner}, not to ${agentType}`;
  }
  if (own.length > 0 || unowned === 'allow') return null;
  return `${path} has no owner in the ownership table`;
}
