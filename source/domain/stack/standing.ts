import type { Instance } from '../instance.ts';
import type { Stack } from './stack.ts';

/** The stack that it stands on; null: it lands by itself. */
export function standsOn({ stack }: Pick<Instance, 'stack'>): Stack | null {
  return stack === undefined || stack.left === true ? null : stack;
}

/** The branch on which it is to land in the end. */
export function landsOn(instance: Pick<Instance, 'stack' | 'target'>): string {
  return standsOn(instance)?.target ?? instance.target;
}

/** The runs that are built on it, right on it or on one of these. */
export function runsAbove(instance: Pick<Instance, 'runId'>, instances: readonly Instance[]): readonly Instance[] {
  const isBelow = ({ runId }: Instance) => runId === instance.runId;
  return instances.filter(other => other.stack !== undefined && runsBelow(other, instances).some(isBelow));
}

/** The runs that it is built on, from the one right below. */
export function runsBelow(instance: Pick<Instance, 'stack'>, instances: readonly Instance[]): readonly Instance[] {
  const found: Instance[] = [];
  let stack = standsOn(instance);
  while (stack !== null) {
    const { runId } = stack;
    const below = instances.find(one => one.runId === runId);
    if (below === undefined || found.includes(below)) break;
    found.push(below);
    stack = standsOn(below);
  }
  return found;
}
