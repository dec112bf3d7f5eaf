import { isAlive, stillLanded, waitsToLand } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { describeState } from '../../domain/state-labels.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { done, refused } from '../state/answers.ts';
import { allItems } from '../state/planning.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { findItem } from './spawning.ts';

/** Characters of a title; what the agent should do stands in the prompt. */
const longestTitle = 1000;

/** A new item under the next free number, or why it cannot be added. A number is never used twice. */
export function numbered(state: State, item: Item): Item | { readonly problem: string } {
  const problem = titleProblem(item.title);
  if (problem !== null) return { problem };
  const taken = new Set([...allItems(state), ...state.instances].map(other => other.key));
  let number = (state.lastTask ?? state.adHoc.length) + 1;
  while (taken.has(`TASK-${number}`)) number++;
  const key = `TASK-${number}`;
  return { ...item, id: key, key, line: 0, endLine: 0, status: 'planned', duplicate: false };
}

function titleProblem(title: string): string | null {
  return title.length <= longestTitle
    ? null
    : `The title is ${title.length} characters long; at most ${longestTitle} are possible. Shorten it.`;
}

type Known = Pick<State, 'adHoc' | 'instances'>;

/** Why an item cannot be changed here, one sentence; null: it can. */
export function whyNotEditable({ adHoc, instances }: Known, { id, key, reverts }: Item): string | null {
  if (!adHoc.some(one => one.id === id)) return `${key} is not an ad-hoc item. Change it in the ROADMAP.`;
  if (reverts !== undefined) return `${key} is a revert by git; it has no prompt.`;
  const run = instances.findLast(
    one => one.priorityId === id && (isAlive(one.state) || waitsToLand(one.state) || stillLanded(one)),
  );
  return run === undefined ? null : `${key} ${describeState(run.state, null)}, so its prompt is settled.`;
}

/** The ad-hoc item of that name if it has never been started, else null. */
export function unstartedItem(state: State, wanted: string): Item | null {
  const found = findItem(state, wanted);
  if (!('item' in found) || !state.adHoc.includes(found.item)) return null;
  return state.instances.some(({ priorityId }) => priorityId === found.item.id) ? null : found.item;
}

/** Changes what a waiting ad-hoc item asks for. */
export function editItem(
  transition: Transition,
  { id, change }: Extract<Command, { readonly type: 'edit-item' }>,
): CommandAnswer {
  const found = findItem(transition.state, id);
  if ('problem' in found) return refused(found.problem);
  const why = whyNotEditable(transition.state, found.item) ?? titleProblem(change.title ?? '');
  if (why !== null) return refused(why);
  const { title = found.item.title, ...rest } = change;
  const item: Item = { ...found.item, ...rest, title, heading: title };
  if (item.prompt?.trim() === '') return refused('The prompt is empty. Say what the agent should do.');
  transition.record({ type: 'item-added', item });
  return done(`Changed ${item.key}.`);
}

/** Removes an ad-hoc item that has never been started. */
export function removeItem(transition: Transition, id: string): CommandAnswer {
  const found = findItem(transition.state, id);
  if ('problem' in found) return refused(found.problem);
  const { item } = found;
  const runs = transition.state.instances.filter(({ priorityId }) => priorityId === item.id);
  const why =
    whyNotEditable(transition.state, item) ??
    (runs.length === 0 ? null : `${item.key} has been started, so it stays with its runs.`);
  if (why !== null) return refused(why);
  transition.record({ type: 'item-removed', priorityId: item.id });
  return done(`Removed ${item.key}. It had not started.`);
}
