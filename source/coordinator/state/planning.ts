import type { Item } from '../../domain/item.ts';
import { computePlan, type PlanInput } from '../../domain/plan.ts';
import type { Plan, PlanDetails } from '../../domain/plan-types.ts';
import { applyScopes } from '../../domain/scope/set-scopes.ts';
import { fleetRoom } from '../fleet/room.ts';
import type { State } from './state.ts';

const lists = new WeakMap<readonly Item[], Pick<State, 'adHoc' | 'scopes'> & { readonly all: readonly Item[] }>();
const explained = new WeakMap<Plan, PlanDetails>();

/** All items that can be named, as their sources have them: those of the ROADMAP, then the ad-hoc ones. */
export function itemsOfSources({ roadmap, adHoc }: Pick<State, 'roadmap' | 'adHoc'>): readonly Item[] {
  return adHoc.length === 0 ? roadmap.items : [...roadmap.items, ...adHoc];
}

/** The same with the scopes that a person has set. The same array until any of them changes. */
export function allItems(state: Pick<State, 'roadmap' | 'adHoc' | 'scopes'>): readonly Item[] {
  const { roadmap, adHoc, scopes } = state;
  if (adHoc.length === 0 && scopes === undefined) return roadmap.items;
  const before = lists.get(roadmap.items);
  if (before?.adHoc === adHoc && before.scopes === scopes) return before.all;
  const all = applyScopes(itemsOfSources(state), scopes ?? {});
  lists.set(roadmap.items, { adHoc, all, ...(scopes === undefined ? {} : { scopes }) });
  return all;
}

const ordered = new WeakMap<readonly Item[], readonly Item[]>();

/** Items with a priority first, 1 before 2, then the others, each in the order of their source. The same array for the same items. */
export function byPriority(items: readonly Item[]): readonly Item[] {
  if (items.every(({ priority }) => priority == null)) return items;
  const before = ordered.get(items);
  if (before !== undefined) return before;
  const rank = ({ priority }: Item) => priority ?? Number.POSITIVE_INFINITY;
  const sorted = [...items].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  ordered.set(items, sorted);
  return sorted;
}

export function planInput(state: State, now: number): PlanInput {
  const room = fleetRoom(state);
  return {
    items: byPriority(allItems(state)),
    instances: state.instances,
    ownership: state.ownership,
    settings: state.settings,
    resources: state.resources,
    repositoryProblems: [
      ...(state.repository?.problems ?? ['the repository has not been read yet']),
      ...goingBack(state),
    ],
    paused: state.paused,
    onlyGroup: state.onlyGroup ?? null,
    pins: state.pins,
    cooldowns: restingAgents(state, now),
    silent: silentAgents(state),
    ...(state.troubled === undefined ? {} : { troubled: state.troubled }),
    now,
    startedAt: state.startedAt,
    problems: state.roadmap.problems,
    ...(room === undefined ? {} : { elsewhere: room }),
  };
}

/** An agent that holds starts because a run of it is silent is looked at again after this. */
const silentMs = 60_000;

/** Agents that start nothing now, and until when at least (milliseconds since 1970): after a limit, or while a run of them prints nothing. */
export function restingAgents(state: Pick<State, 'cooldowns' | 'silent' | 'instances'>, now: number) {
  const silent = Object.keys(silentAgents(state));
  if (silent.length === 0) return state.cooldowns;
  const held = silent.map(agent => [agent, Math.max(state.cooldowns[agent] ?? 0, now + silentMs)] as const);
  return { ...state.cooldowns, ...Object.fromEntries(held) };
}

/** Agents of which a run has printed nothing for long → the key of its item. */
function silentAgents({
  silent = [],
  instances,
}: Pick<State, 'silent' | 'instances'>): Readonly<Record<string, string>> {
  const runs = instances.filter(({ runId, state }) => state === 'running' && silent.includes(runId));
  return Object.fromEntries(runs.map(({ agent, key }) => [agent, key]));
}

/** Decides what may run now. */
export function makePlan(state: State, now: number): Plan {
  const details = computePlan(planInput(state, now));
  const plan = { ready: details.ready, at: now };
  explained.set(plan, details);
  return plan;
}

/** All that can be said of the state's plan: why what waits does so, groups and problems. A state from elsewhere brings none of that. */
export function planDetails(state: State): PlanDetails {
  const before = explained.get(state.plan);
  if (before !== undefined) return before;
  const details = computePlan(planInput(state, state.plan.at));
  explained.set(state.plan, details);
  return details;
}

/** Is there an item that would run if more agents could run at once? */
export function waitsForCapacity(state: State): boolean {
  return planDetails(state)
    .waiting()
    .some(({ reasons }) => reasons.some(({ code }) => code === 'capacity'));
}

/** Nothing is begun from a target that is about to go back: its branch would bring back what is being taken away. */
function goingBack({ instances, target }: State): readonly string[] {
  return instances
    .filter(one => one.undoing !== undefined && one.target === target)
    .map(({ key }) => `the landing of ${key} is being undone`);
}
