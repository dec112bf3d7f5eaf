import { isAlive } from '../instance.ts';
import type { Item, Scope } from '../item.ts';
import { memoised } from './choose.ts';
import { clashCode, type Situation } from './reasons.ts';

const millisecondsPerHour = 3_600_000;
/** Larger plans are taken in document order: the forecast is made anew whenever anything changes. */
const largestPlan = 300;
/** Document order gives way only to an order that saves more than this share of the time that is left. */
const worthwhile = 0.02;

/** Something that takes a slot and files for a while: an item to come, or an instance at work. */
interface Work {
  readonly item: Item | null;
  readonly scope: Scope;
  readonly agentType: string;
  readonly hours: number;
  /** Indices of works that must have ended first. */
  readonly needs: readonly number[];
  readonly started: boolean;
}

/**
 * The order in which items of equal right are preferred. It is document order, with one exception: where items depend on each other and
 * the estimates say that everything would be done noticeably later that way, it is the best of a few well-known rules (longest chain
 * first, longest item first, most work behind it first). A plain list, or one where fewer than half of the items have an estimate, is
 * always taken in document order.
 */
export function preferenceOrder(candidates: readonly Item[], situation: Situation): readonly Item[] {
  const works = collectWorks(situation);
  if (works === null) return candidates;
  const slots = Math.min(situation.input.settings.maxParallel, situation.input.resources.capacity);
  const clash = memoised(works, (a, b) => clashCode(a, b, situation.input) !== null);
  const inDocument: readonly number[] = works.map(() => 0);
  let best = { order: inDocument, makespan: listSchedule(works, inDocument, slots, clash) * (1 - worthwhile) };
  for (const order of [chains(works), works.map(work => work.hours), workBehind(works)]) {
    const makespan = listSchedule(works, order, slots, clash);
    if (makespan < best.makespan) best = { order, makespan };
  }
  const weight = new Map(works.map((work, index) => [work.item, best.order[index] ?? 0]));
  return [...candidates].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0));
}

/** Everything that runs or can still run, in document order; null where nothing hangs on the order or too little is known. */
function collectWorks({ input, ledger, cycles }: Situation): readonly Work[] | null {
  const running = ledger.instances.filter(instance => isAlive(instance.state));
  const open = ledger.items.filter(
    item =>
      item.status === 'planned' && !ledger.isDone(item) && ledger.record(item).active === null && !cycles.has(item.id),
  );
  const known = open
    .map(item => item.estimateHours)
    .filter(hours => hours !== null)
    .sort((a, b) => a - b);
  if (open.every(item => item.dependsOn.length === 0)) return null;
  if (open.length > largestPlan || known.length * 2 < open.length) return null;
  const usual = known[Math.floor(known.length / 2)] ?? 1;
  const indices = new Map<string, number>();
  const atWork = running.map((instance, index): Work => {
    const item = ledger.itemOf(instance);
    if (item !== null) indices.set(item.id, index);
    const spent = (input.now - (instance.startTime ?? input.now)) / millisecondsPerHour;
    const hours = Math.max((item?.estimateHours ?? usual) - spent, usual / 100);
    return { item: null, scope: instance.scope, agentType: instance.agentType, hours, needs: [], started: true };
  });
  open.forEach((item, index) => {
    indices.set(item.id, running.length + index);
  });
  const toCome = open.map((item): Work => {
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

/** Hours until everything that can run has ended, if whatever may start is started at once, the greatest weight first. */
function listSchedule(
  works: readonly Work[],
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
function chains(works: readonly Work[]): readonly number[] {
  return fromTheEnd(works, (hours, behind) => hours + Math.max(0, ...behind));
}

/** Hours of each work and of what hangs on it, shared chains counted as often as they are reached. */
function workBehind(works: readonly Work[]): readonly number[] {
  return fromTheEnd(works, (hours, behind) => hours + behind.reduce((sum, one) => sum + one, 0));
}

function fromTheEnd(
  works: readonly Work[],
  combine: (hours: number, behind: readonly number[]) => number,
): readonly number[] {
  const followers = works.map((): number[] => []);
  works.forEach((work, index) => {
    for (const need of work.needs) followers[need]?.push(index);
  });
  const known = new Map<number, number>();
  const value = (index: number): number => {
    const before = known.get(index);
    if (before !== undefined) return before;
    const result = combine(works[index]?.hours ?? 0, (followers[index] ?? []).map(value));
    known.set(index, result);
    return result;
  };
  return works.map((_, index) => value(index));
}
