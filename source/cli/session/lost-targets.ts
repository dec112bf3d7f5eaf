import { type Instance, waitsToLand } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from './context.ts';

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
