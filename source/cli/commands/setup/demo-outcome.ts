import { existsSync } from 'node:fs';
import { speedup } from '../../../coordinator/state/selectors.ts';
import type { State } from '../../../coordinator/state/state.ts';
import { sampleItems } from '../../../demo/sample-repository.ts';
import { hasLanded, type Instance } from '../../../domain/instance.ts';
import { describeRun } from '../../../domain/state-labels.ts';
import { openReader } from '../../session/compose.ts';
import type { Context } from '../../session/context.ts';

/** How a demo ended, judged by the coordinator's state and by git. */
export interface DemoOutcome {
  /** Items whose landing commit is part of the target. */
  readonly landed: number;
  /** Speed-up over running one after the other, with two decimals; 0 while nothing has landed. */
  readonly factor: number;
  /** True if everything that should land did, and the planned conflict was held back with its branch and worktree intact. */
  readonly asPlanned: boolean;
  /** What a person should know, one sentence each. */
  readonly sentences: readonly string[];
}

const shouldLand: readonly string[] = [...sampleItems.independent, sampleItems.dependent];

/** `more`: items that should land beside those of the sample repository. Inspects the sample repository after a run and confirms every claim with git. */
export async function judgeDemo(context: Context, more: readonly string[] = []): Promise<DemoOutcome> {
  const reader = await openReader(context);
  const state = reader.state();
  reader.stop('inspected');
  const tip = context.target === null ? null : await context.git.targetTip(context.target);
  const landed = tip === null ? [] : await landedKeys(context, state, tip);
  const missing = [...shouldLand, ...more].filter(key => !landed.includes(key));
  const conflicting = state.instances.findLast(({ key }) => key === sampleItems.conflicting);
  const held = tip !== null && conflicting !== undefined && (await isHeldBack(context, conflicting, tip));
  return {
    landed: landed.length,
    factor: Math.round(speedup(state, Date.now()).factor * 100) / 100,
    asPlanned: missing.length === 0 && held,
    sentences: [
      missing.length === 0
        ? `${landed.join(', ')} landed on ${context.target}.`
        : `Not landed: ${missing.map(key => describeItem(state, key)).join('; ')}.`,
      held
        ? `${sampleItems.conflicting} was held back because it conflicts with a commit made meanwhile. Its branch and worktree are intact.`
        : `The planned conflict was not held back: ${describeItem(state, sampleItems.conflicting)}.`,
    ],
  };
}

async function landedKeys(context: Context, state: State, tip: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const { key, state: at, merge } of state.instances) {
    const proven = merge.landed !== null && (await context.git.isAncestor(merge.landed, tip));
    if (hasLanded(at) && proven) keys.push(key);
  }
  return keys.sort();
}

async function isHeldBack({ git, settings }: Context, instance: Instance, tip: string): Promise<boolean> {
  const { state, head, branchName, worktreePath, target } = instance;
  if (state !== 'conflict' || head === null) return false;
  const { branches, worktrees } = await git.observe(target, settings.branchPrefix);
  const tree = worktrees?.find(({ path }) => path === worktreePath);
  // The worktree of a run on another machine was there.
  const isWhole =
    instance.remote !== undefined || (existsSync(worktreePath) && tree?.exists === true && tree.head === head);
  const there = branches?.[branchName] === head && isWhole;
  return there && !(await git.isAncestor(head, tip));
}

function describeItem(state: State, wanted: string): string {
  const instance = state.instances.findLast(({ key }) => key === wanted);
  if (instance === undefined) return `${wanted} never started`;
  return describeRun(instance);
}
