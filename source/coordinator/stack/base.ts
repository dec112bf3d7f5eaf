import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { createLedger } from '../../domain/plan/ledger.ts';
import type { Stack } from '../../domain/stack/stack.ts';
import { stackBase } from '../../domain/stack/stack-base.ts';
import { landsOn } from '../../domain/stack/standing.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { planInput } from '../state/planning.ts';
import type { State } from '../state/state.ts';

/** The run from whose branch a run of this item begins, since what it depends on has not landed; null: it begins from the target. */
export function runToStackOn(state: State, item: Item, now: number): Instance | null {
  if (item.dependsOn.length === 0) return null;
  const input = planInput(state, now);
  return stackBase(item, { input, ledger: createLedger(input.items, input.instances) });
}

/** What a run remembers of the one that it is built on. */
export function stackOn(below: Instance): Stack {
  return { runId: below.runId, target: landsOn(below), at: below.head ?? '' };
}

/** Where an item could begin from the branch of what it waits for: the question whether to start it there. */
export function askToStack(
  state: State,
  item: Item,
  now: number,
  command: Extract<Command, { readonly type: 'spawn' }>,
): Pick<CommandAnswer, 'ask'> {
  const below = runToStackOn(state, item, now);
  if (below === null) return {};
  const question = `${below.key} has not landed: start ${item.key} on its branch?`;
  return { ask: { question, command: { ...command, stack: true } } };
}
