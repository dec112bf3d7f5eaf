import { type Instance, waitsToLand } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from './context.ts';

/** What would keep work from landing, one sentence each. */
export interface LandingObstacles {
  /** Targets on which nothing can land. */
  readonly targets: readonly string[];
  /** What stands in the way of single items. */
  readonly items: readonly string[];
}

/**
 * Says before anything lands what would keep it from that: targets that do not exist or cannot be moved, and files of the user's that are in
 * the way of what runs have changed so far.
 */
export async function whatBlocksLandings(
  context: Pick<Context, 'git' | 'target'>,
  instances: readonly Instance[],
  items: readonly Item[],
): Promise<LandingObstacles> {
  const { git, target } = context;
  const open = instances.filter(({ state }) => state !== 'completed' && waitsToLand(state));
  const planned = items.filter(({ status }) => status === 'planned');
  const wanted = new Set([target, ...open.map(one => one.target), ...planned.map(one => one.target ?? target)]);
  const found: { targets: string[]; items: string[] } = {
    targets: [...(await lostTargets(context, instances))],
    items: [],
  };
  for (const branch of wanted) {
    if (branch === null) continue;
    const asked = planned.filter(one => one.target === branch).map(({ key }) => key);
    if (asked.length > 0 && (await git.targetTip(branch)) === null)
      found.targets.push(
        `The branch ${sanitizeLine(branch, 120)}, which ${asked.slice(0, 3).join(', ')} should land on, does not exist. Create it with "git branch ${sanitizeLine(branch, 120)}".`,
      );
    const upcoming = open.filter(one => one.target === branch).map(({ key, files }) => ({ key, files }));
    const obstacles = await git.landingObstacles(branch, upcoming);
    if (obstacles.target !== null) found.targets.push(obstacles.target);
    found.items.push(...obstacles.items);
  }
  return found;
}

/** One sentence for each branch that finished work is to land on and that does not exist, for example because it was renamed. */
export async function lostTargets(
  { git }: Pick<Context, 'git'>,
  instances: readonly Instance[],
): Promise<readonly string[]> {
  const waiting = instances.filter(({ state }) => waitsToLand(state) || state === 'needs-attention');
  const sentences: string[] = [];
  for (const target of new Set(waiting.map(one => one.target))) {
    if ((await git.targetTip(target)) !== null) continue;
    const keys = [...new Set(waiting.filter(one => one.target === target).map(({ key }) => key))];
    const who = keys.length > 3 ? `${keys.length} items` : keys.join(', ');
    sentences.push(
      `The branch ${sanitizeLine(target, 120)}, which ${who} should land on, does not exist. Land on another with "cm-tui retarget BRANCH".`,
    );
  }
  return sentences;
}
