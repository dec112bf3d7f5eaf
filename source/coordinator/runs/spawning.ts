import { describePressure } from '../../domain/capacity.ts';
import type { RunId } from '../../domain/ids.ts';
import { begunAt, type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { chooseAgent } from '../../domain/plan/agent-choice.ts';
import { spawnObstacles } from '../../domain/plan.ts';
import type { WaitReason } from '../../domain/plan-types.ts';
import { freeSlot } from '../../domain/queue/run-slot.ts';
import { areRivals } from '../../domain/race/race.ts';
import { countReadings } from '../../domain/review/reading.ts';
import { findItems } from '../../domain/roadmap/resolve.ts';
import { baseSlug, fullSlugOf, slugOf } from '../../domain/roadmap/slug.ts';
import { branchNameOf, worktreePathOf } from '../../domain/text/names.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { dispatchTo } from '../fleet/offer.ts';
import { choosePool } from '../fleet/room.ts';
import { runToStackOn, stackOn } from '../stack/base.ts';
import { allItems, makePlan, planInput, restingAgents } from '../state/planning.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

const renameLimit = 50;

const planKeys = [
  'roadmap',
  'adHoc',
  'scopes',
  'onlyGroup',
  'instances',
  'ownership',
  'settings',
  'resources',
  'repository',
  'paused',
  'pins',
  'cooldowns',
  'silent',
  'machines',
  'fleet',
] as const satisfies readonly (keyof State)[];

/** Recomputes the plan where one of its inputs has changed since `before`. */
export function replan(transition: Transition, before: State): void {
  const { state, at } = transition;
  const isCurrent = state.plan.at === at || !coolingDown(before, at);
  if (isCurrent && planKeys.every(key => state[key] === before[key])) return;
  transition.change({ plan: makePlan(state, at) });
}

function coolingDown(state: State, now: number): boolean {
  return Object.values(state.cooldowns).some(until => until > now - 60_000);
}

/** What a person's request to spawn an item comes with. */
export interface SpawnTerms {
  /** Runs that it replaces, which are left out. */
  readonly replaced?: readonly RunId[];
  /** Runs of the race that it joins, or that it is stacked with: they take places but hold nothing up. */
  readonly beside?: readonly RunId[];
  /** The person has decided to exceed the capacity. */
  readonly overCapacity?: boolean | undefined;
  /** It may begin from the branch of the one run that it waits for. */
  readonly stack?: boolean | undefined;
}

/** Why a person's request to spawn this item now cannot be met; empty: it can. */
export function obstaclesToSpawn(
  state: State,
  item: Item,
  now: number,
  { replaced = [], beside = [], overCapacity, stack }: SpawnTerms = {},
): readonly WaitReason[] {
  const plan = planInput(state, now);
  const input = stack === true ? { ...plan, settings: { ...plan.settings, stack } } : plan;
  // Where other agents are asked for than the item names, they are what counts.
  const items = input.items.includes(item) ? input.items : input.items.map(one => (one.id === item.id ? item : one));
  const reasons = spawnObstacles({ ...input, items }, item.id, { explicit: true, ignoring: replaced, beside });
  return overCapacity === true ? reasons.filter(({ code }) => code !== 'capacity') : reasons;
}

/** Where only the capacity is in the way of this command: the question whether to start all the same. */
export function askAboutCapacity(
  { instances, resources, settings }: State,
  reasons: readonly WaitReason[],
  command: Extract<Command, { readonly overCapacity?: boolean }>,
): Pick<CommandAnswer, 'ask'> {
  if (reasons.some(({ code }) => code !== 'capacity')) return {};
  const running = instances.filter(({ state }) => isAlive(state)).length + countReadings(instances);
  const question = `${describePressure(resources, settings, running)}: start anyway?`;
  return { ask: { question, command: { ...command, overCapacity: true } } };
}

/**
 * Requests a run by each of these agents (undefined: whichever the item and the settings choose); of several, and of those of the race that
 * they join, at most one lands.
 */
export function requestRuns(
  transition: Transition,
  item: Item,
  agents: readonly (string | undefined)[],
  joined?: RunId,
): readonly RunId[] {
  const race = joined ?? (agents.length > 1 ? transition.newRunId() : undefined);
  return agents.map(agent => requestInstance(transition, item, agent, race));
}

/** Makes the intent to run `item` and starts with its worktree. */
export function requestInstance(transition: Transition, item: Item, agent?: string, race?: RunId): RunId {
  const { state } = transition;
  const { repository, target } = state;
  if (repository === null || target === null) throw new Error('a run was requested before the repository was read');
  const attempt = 1 + Math.max(0, ...state.instances.filter(i => i.priorityId === item.id).map(i => i.attempt));
  const slug = runSlug(state, item, attempt);
  const runId = transition.newRunId();
  const branchName = branchNameOf(slug, state.settings);
  const worktreePath = worktreePathOf(slug, repository, state.settings);
  const below = runToStackOn(state, item, transition.at);
  transition.record({
    type: 'instance-requested',
    runId,
    priorityId: item.id,
    key: item.key,
    title: item.title,
    slug,
    attempt,
    agent: agent ?? chooseAgent(item, state.settings, restingAgents(state, transition.at), transition.at).agent,
    agentType: item.agentType,
    scope: item.scope,
    branchName,
    worktreePath,
    target: below?.branchName ?? item.target ?? target,
    slot: freeSlot(state.instances),
    ...(race === undefined ? {} : { race }),
    ...(below === null ? {} : { stack: stackOn(below) }),
    ...(item.reverts === undefined ? {} : { reverts: item.reverts }),
  });
  const pool = item.reverts === undefined && below === null ? choosePool(state) : null;
  if (pool === null) requestWorktree(transition, runId);
  else dispatchTo(transition, runId, pool);
  return runId;
}

export function requestWorktree(transition: Transition, runId: RunId): void {
  const instance = transition.instance(runId);
  if (instance === undefined || transition.busy('git.createWorktree', runId)) return;
  transition.start({ type: 'git.createWorktree', runId });
}

/** Its names are taken by something else: tries the next attempt's names, or gives up with a sentence. */
export function renameInstance(transition: Transition, runId: RunId, why: string): void {
  const instance = transition.instance(runId);
  const { repository, settings } = transition.state;
  if (instance === undefined || repository === null) return;
  if (instance.attempt >= renameLimit) {
    transition.record({ type: 'instance-failed', runId, priorityId: instance.priorityId, reason: why });
    return;
  }
  const attempt = instance.attempt + 1;
  const slug = runSlug(transition.state, { id: instance.priorityId, key: instance.key }, attempt);
  transition.record({
    type: 'instance-renamed',
    runId,
    slug,
    attempt,
    reason: why,
    branchName: branchNameOf(slug, settings),
    worktreePath: worktreePathOf(slug, repository, settings),
  });
  requestWorktree(transition, runId);
}

/** May the work loop start something now, if there is something? */
export function maySpawn(transition: Transition): boolean {
  const { mode, ready } = transition.state;
  return mode === 'auto' && ready && !hasUnreadEnd(transition);
}

/** The work loop: spawns what the plan says is ready. */
export function spawnReady(transition: Transition): void {
  const { state } = transition;
  for (const id of state.plan.ready) {
    const item = allItems(state).find(candidate => candidate.id === id);
    if (item !== undefined) requestRuns(transition, item, item.agents ?? [undefined]);
  }
}

/**
 * A run has just ended and its last words are still being read: perhaps that its program has hit a limit, or what it has cost. The
 * plan waits these milliseconds rather than start the next run into the same limit.
 */
function hasUnreadEnd(transition: Transition): boolean {
  return transition.state.instances.some(
    ({ state, runId }) => state === 'completed' && transition.busy('git.judge', runId),
  );
}

/** Finds what a person named, by the item or one of its runs; the sentence says what to write where it is none or more than one. */
export function findItem(state: State, wanted: string): { item: Item } | { problem: string } {
  const items = allItems(state);
  const named = findItems(items, wanted);
  const run = named.length === 0 ? findInstance(state, wanted) : undefined;
  const found = run === undefined ? named : items.filter(one => one.id === run.priorityId);
  const [item, second] = found;
  if (item === undefined) return { problem: `Unknown item "${wanted}". Run "cm-tui roadmap" for a list.` };
  if (second !== undefined) {
    return {
      problem: `"${wanted}" is ${found.length} times in the ROADMAP. Name one of ${found.map(i => i.id).join(', ')}.`,
    };
  }
  return { item };
}

/** What to say where `wanted` names no run. */
export function unknownRun(state: State, wanted: string): string {
  const found = findItem(state, wanted);
  if (!('item' in found)) return `Unknown run "${wanted}". Run "cm-tui status" for a list.`;
  const { id, key } = found.item;
  const change = state.adHoc.some(one => one.id === id && one.reverts === undefined)
    ? ` Change it with "cm-tui edit ${id}", or remove it with "cm-tui cancel ${id}".`
    : '';
  return `${key} has not run yet. Start it with "cm-tui spawn ${id}".${change}`;
}

/** True where no run of the same item was begun later, which would be the one that counts. */
export function isLatestRun({ instances }: Pick<State, 'instances'>, instance: Instance): boolean {
  const at = instances.findIndex(other => other.runId === instance.runId);
  return !instances.some(
    (other, index) =>
      other.priorityId === instance.priorityId &&
      !areRivals(other, instance) &&
      (index > at ? begunAt(other) >= begunAt(instance) : begunAt(other) > begunAt(instance)),
  );
}

/** Runs of an item that a person was to look at. A run begun now takes their place: two branches of one item must not both land. */
export function unsettledRuns({ instances }: Pick<State, 'instances'>, priorityId: string): readonly Instance[] {
  return instances.filter(run => run.priorityId === priorityId && run.state === 'needs-attention');
}

/** Gives up runs whose place another one takes; their branches are kept. */
export function replaceRuns(transition: Transition, runs: readonly Instance[]): void {
  for (const { runId, priorityId } of runs) {
    const reason = 'replaced by a fresh attempt; its branch is kept';
    transition.record({ type: 'merge-rejected', runId, priorityId, reason });
  }
}

/**
 * Finds the instance a person named by run id, slug, branch, or item: of several runs of an item the one at work, else the one of which
 * something is to be decided, else the last.
 */
export function findInstance(state: State, wanted: string) {
  const direct = state.instances.find(i => i.runId === wanted || i.slug === wanted || i.branchName === wanted);
  if (direct !== undefined) return direct;
  const ids = new Set(findItems(allItems(state), wanted).map(item => item.id));
  const runs = state.instances.filter(i => ids.has(i.priorityId) || i.key === wanted || i.priorityId === wanted);
  const open = (i: Instance) => waitsToLand(i.state) || i.state === 'needs-attention';
  return runs.findLast(i => isAlive(i.state)) ?? runs.findLast(open) ?? runs.at(-1);
}

type Known = Pick<State, 'roadmap' | 'adHoc' | 'instances'>;

/**
 * The slug of an item's next run. An ad-hoc item never takes the name of an item of the ROADMAP, nor the other way round: whichever comes
 * second has the letters of its key in its slug (`task-1` beside `001` of US-001).
 */
function runSlug(state: Known, { id, key }: { readonly id: string; readonly key: string }, attempt: number): string {
  const taken = (slug: string) => state.instances.some(one => one.slug === slug);
  return sharesName(state, id, key) ? fullSlugOf(key, attempt, taken) : slugOf(key, attempt, taken);
}

function sharesName(state: Known, id: string, key: string): boolean {
  const base = baseSlug(key);
  const isTyped = (other: string) => state.adHoc.some(one => one.id === other);
  const typed = isTyped(id);
  const used = state.instances.some(
    ({ slug, priorityId }) =>
      priorityId !== id && isTyped(priorityId) !== typed && (slug === base || slug.startsWith(`${base}-`)),
  );
  return used || (typed && allItems(state).some(one => !isTyped(one.id) && baseSlug(one.key) === base));
}
