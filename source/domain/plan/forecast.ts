import { isAlive } from '../instance.ts';
import type { Item, Scope } from '../item.ts';
import type { Conflicts } from './conflicts.ts';
import { foldGraph } from './graph/fold-graph.ts';
import type { Situation } from './situation.ts';

const millisecondsPerHour = 3_600_000;
/** Larger plans are taken in document order: the forecast is computed again whenever anything changes. */
const largestPlan = 300;
/** Document order gives way only to an order that saves more than this share of the time that is left. */
const worthwhile = 0.02;

/** Something that takes a slot and files for a while: an item to come, or an instance at work. */
export interface Task {
  readonly item: Item | null;
  readonly scope: Scope;
  readonly agentType: string;
  readonly hours: number;
  /** Indices of works that must have ended first. */
  readonly needs: readonly number[];
  readonly started: boolean;
}

/**
 * Items of equal right in the order in which they are preferred. It is document order, with one exception: where items depend on each
 * other and the estimates say that everything would be done noticeably later that way, it is the best of a few well-known rules (longest
 * chain first, longest item first, most work behind it first).
 */
export function inPreferredOrder(
  items: readonly Item[],
  works: readonly Task[],
  situation: Situation,
): readonly Item[] {
  const slots = Math.min(situation.input.settings.maxParallel, situation.input.resources.capacity);
  const clash = clashes(works, situation.conflicts);
  const inDocument: readonly number[] = works.map(() => 0);
  let best = { order: inDocument, makespan: listSchedule(works, inDocument, slots, clash) * (1 - worthwhile) };
  for (const order of [chains(works), works.map(work => work.hours), workBehind(works)]) {
    const makespan = listSchedule(works, order, slots, clash);
    if (makespan < best.makespan) best = { order, makespan };
  }
  const weight = new Map(works.map((work, index) => [work.item, best.order[index] ?? 0]));
  return items.toSorted((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0));
}

/**
 * Everything that runs or can still run, in document order. Null where document order holds anyway: in a plain list, in a very long one,
 * and where fewer than half of the items have an estimate.
 */
export function collectWorks({ input, ledger, cycles }: Situation): readonly Task[] | null {
  const isOpen = (item: Item) =>
    item.status === 'planned' && !ledger.isDone(item) && ledger.record(item).active === null && !cycles.has(item);
  const open: Item[] = [];
  for (const item of ledger.items) {
    if (isOpen(item)) open.push(item);
    if (open.length > largestPlan) return null;
  }
  const known = open
    .map(item => item.estimateHours)
    .filter(hours => hours !== null)
    .sort((a, b) => a - b);
  if (known.length * 2 < open.length || open.every(item => item.dependsOn.length === 0)) return null;
  const running = ledger.instances.filter(instance => isAlive(instance.state));
  const usual = known[Math.floor(known.length / 2)] ?? 1;
  const indices = new Map<string, number>();
  const atWork = running.map((instance, index): Task => {
    const item = ledger.itemOf(instance);
    if (item !== null) indices.set(item.id, index);
    const spent = (input.now - (instance.startTime ?? input.now)) / millisecondsPerHour;
    const hours = Math.max((item?.estimateHours ?? usual) - spent, usual / 100);
    return { item: null, scope: instance.scope, agentType: instance.agentType, hours, needs: [], started: true };
  });
  open.forEach((item, index) => {
    indices.set(item.id, running.length + index);
  });
  const toCome = open.map((item): Task => {
    const needed = item.dependsOn.map(ledger.find).filter(other => other === null || !ledger.isDone(other));
    // What waits to land is as good as done; what can never run makes this one never run.
    const needs = needed.flatMap(other => {
      if (other !== null && ledger.record(other).active !== null && !indices.has(other.id)) return [];
      return [indices.get(other?.id ?? '') ?? Number.POSITIVE_INFINITY];
    });
    const { scope, agentType, estimateHours } = item;
    return { item, scope, agentType, hours: estimateHours ?? usual, needs, started: false };
  });
  return [...atWork, ...toCome];
}

/** Compares two works at most once. */
function clashes(works: readonly Task[], conflicts: Conflicts): (a: number, b: number) => boolean {
  const known = new Int8Array(works.length * works.length);
  return (a, b) => {
    const at = Math.min(a, b) * works.length + Math.max(a, b);
    const [left, right] = [works[a], works[b]];
    if (known[at] === 0 && left !== undefined && right !== undefined)
      known[at] = conflicts.code(left, right) === null ? -1 : 1;
    return known[at] === 1;
  };
}

/** Hours until everything that can run has ended, if whatever may start is started at once, the greatest weight first. */
function listSchedule(
  works: readonly Task[],
  weights: readonly number[],
  slots: number,
  clash: (a: number, b: number) => boolean,
): number {
  const ends = works.map(({ started, hours }) => (started ? hours : Number.POSITIVE_INFINITY));
  let open = works.map((_, index) => index).filter(index => works[index]?.started === false);
  open.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  let running = works.map((_, index) => index).filter(index => works[index]?.started === true);
  for (let now = 0; ; ) {
    const ended = (index: number) => (ends[index] ?? Number.POSITIVE_INFINITY) <= now;
    const waiting: number[] = [];
    for (const index of open) {
      const work = works[index];
      const free = work?.needs.every(ended) === true && running.length < slots;
      if (work !== undefined && free && !running.some(other => clash(index, other))) {
        running.push(index);
        ends[index] = now + work.hours;
      } else waiting.push(index);
    }
    open = waiting;
    if (running.length === 0) return now;
    now = Math.min(...running.map(index => ends[index] ?? now));
    running = running.filter(index => !ended(index));
  }
}

/** Hours of the longest chain that begins with each work. */
function chains(works: readonly Task[]): readonly number[] {
  return fromTheEnd(works, (hours, behind) => hours + Math.max(0, ...behind));
}

/** Hours of each work and of what hangs on it, shared chains counted as often as they are reached. */
function workBehind(works: readonly Task[]): readonly number[] {
  return fromTheEnd(works, (hours, behind) => hours + behind.reduce((sum, one) => sum + one, 0));
}

function fromTheEnd(
  works: readonly Task[],
  combine: (hours: number, behind: readonly number[]) => number,
): readonly number[] {
  const followers = works.map((): number[] => []);
  works.forEach((work, index) => {
    for (const need of work.needs) followers[need]?.push(index);
  });
  const values = foldGraph<number, number>(
    works.keys(),
    index => followers[index] ?? [],
    (index, behind) => combine(works[index]?.hours ?? 0, behind),
  );
  return works.map((_, index) => values.get(index) ?? 0);
}
