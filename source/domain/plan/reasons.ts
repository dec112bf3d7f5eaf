import { costSentence } from '../cost/caps.ts';
import { continuesByItself, type Instance, isAlive } from '../instance.ts';
import type { Item } from '../item.ts';
import type { ReasonCode, WaitReason } from '../plan-types.ts';
import { runCount } from '../race/agents.ts';
import { sharedPaths } from '../scope.ts';
import { baseRuns, stackBase } from '../stack/stack-base.ts';
import { withoutFullStop } from '../text/clause.ts';
import { chooseAgents } from './agent-choice.ts';
import type { Work } from './conflicts.ts';
import { describeCycle } from './cycles.ts';
import type { Ledger } from './ledger.ts';
import { ownershipObstacles, ownershipWarnings } from './ownership-fit.ts';
import { isHeld, type ScopeHolder, type Situation } from './situation.ts';
import type { PlanInput } from './types.ts';

/** Runs that one item is said to wait for; thousands may overlap it. */
const namedHolders = 8;

/** Reasons of the item's own that hold for a person's wish as well as for the work loop. */
export function safetyReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const own = ownReasons(item, situation);
  if (own.length > 0) return own;
  return [
    ...dependencyReasons(item, situation),
    ...heldReasons(item, situation),
    ...ownershipReasons(item, situation.input),
  ];
}

/** Reasons that stop the work loop only: a person may decide otherwise by naming the item. */
export function loopReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const { input, ledger, resting, spending } = situation;
  const { attemptLimit } = input.settings;
  const reasons: WaitReason[] = [];
  if (item.duplicate) {
    reasons.push(reason('duplicate', `${item.key} is in the ROADMAP more than once; name it by line: ${item.id}`));
  }
  reasons.push(...attemptReasons(item, ledger, attemptLimit));
  const { agent, restsUntil } = resting ? chooseAgents(item, input.settings, input.cooldowns, input.now) : awake;
  if (restsUntil !== null) {
    const end = new Date(restsUntil).toISOString();
    const silent = input.silent?.[agent];
    const what = input.troubled?.[agent] === true ? 'cannot reach its service; next try at' : 'is rate limited until';
    const words = silent === undefined ? `${what} ${end}` : `prints nothing in the run of ${silent} (holdSilent)`;
    reasons.push(reason('cooldown', `${agent} ${words}`));
  }
  const cost = costSentence(item.id, spending);
  if (cost !== null) reasons.push(reason('cost', cost));
  if (input.paused) reasons.push(reason('paused', 'new spawns are paused'));
  const { onlyGroup = null } = input;
  if (onlyGroup !== null && (item.group ?? null) !== onlyGroup)
    reasons.push(reason('group', `only "${onlyGroup}" runs now`));
  return reasons;
}

const awake = { agent: '', restsUntil: null };

/**
 * Could the work loop start it, if nothing that runs or waits to land were in its way? True exactly where there is no reason against it
 * but an overlap; asked of every item (`place` is its place in the list) at every change, so that what rules out most is looked at first.
 */
export function isContender(item: Item, place: number, situation: Situation): boolean {
  if (item.status !== 'planned' || item.duplicate) return false;
  const { ledger, cycles, input } = situation;
  const { active, last } = ledger.recordAt(place);
  if (active !== null) return false;
  if (!ledger.isUnblocked(place) && !(input.settings.stack && stackBase(item, situation) !== null)) return false;
  const hasRun = last !== null;
  return (
    !(hasRun && ownReasons(item, situation).length > 0) &&
    runCount(item) <= Math.max(1, limitOf(input).most) &&
    !cycles.has(item) &&
    loopReasons(item, situation).length === 0 &&
    ownershipObstacles(item, input.ownership, input.settings).length === 0
  );
}

/** Reasons that hold for every item alike: repository, disk, capacity. */
export function commonReasons({ input, ledger }: Situation): readonly WaitReason[] {
  const reasons = input.repositoryProblems.map(text => reason('repository', withoutFullStop(text)));
  const disk = diskSentence(input);
  if (disk !== null) reasons.push(reason('disk', disk));
  if (freeSlots(input, ledger) <= 0) reasons.push(reason('capacity', capacitySentence(input, ledger)));
  return reasons;
}

/** Why an item whose agents work side by side finds no room for all of them; null: it does, or has one run. */
export function placesReason(item: Item, { input, ledger }: Situation): WaitReason | null {
  const runs = runCount(item);
  if (runs === 1 || runs <= freeSlots(input, ledger)) return null;
  const { most, why } = limitOf(input);
  const needs = `its ${runs} agents need ${runs} places at once`;
  return runs > most
    ? reason(
        'capacity',
        `${needs}, and at most ${most} ${most === 1 ? 'runs' : 'run'}${why}; raise maxParallel or name fewer`,
      )
    : reason('capacity', `${needs}: ${ledger.running} of ${most} running${why}`);
}

/** How many more instances may be started now; never negative. */
export function freeSlots(input: PlanInput, ledger: Ledger): number {
  return Math.max(0, limitOf(input).most - ledger.running);
}

/** Says how full the machine is. */
export function capacitySentence(input: PlanInput, { running }: Ledger): string {
  const { most, why } = limitOf(input);
  return `limit reached: ${running} of ${most} running${why}`;
}

/** How many runs may be alive at once, and why it is not `maxParallel` if the machine allows less. */
export function limitOf({ settings, resources, elsewhere }: Pick<PlanInput, 'settings' | 'resources' | 'elsewhere'>): {
  readonly most: number;
  readonly why: string;
} {
  const { capacity, explanation } = resources;
  if (elsewhere !== undefined) {
    const { local, free, atWork } = elsewhere;
    const here = local ? Math.min(settings.maxParallel, capacity) : 0;
    const none =
      !local && free + atWork === 0 ? '; accept a machine with "cm-tui fleet accept", or set fleet.local' : '';
    return { most: here + free + atWork, why: ` (${here} here, ${free + atWork} on other machines)${none}` };
  }
  return capacity < settings.maxParallel
    ? { most: capacity, why: ` (${explanation})` }
    : { most: settings.maxParallel, why: '' };
}

/** Why `item` waits for `other`; `before` says who that is and what it does. */
export function conflictReason(item: Work, other: Work, before: string): WaitReason {
  if (item.scope.kind === 'unknown')
    return reason('unknown-scope', `${before}, also with unknown scope: runs one at a time`);
  return reason('overlap', `${before} and also changes ${sharedPaths(item.scope, other.scope)}`);
}

export function reason(code: ReasonCode, detail: string): WaitReason {
  return { code, detail };
}

/** Status and singleton: where one of them holds, nothing else about the item matters. */
function ownReasons(item: Item, { ledger, conflicts }: Situation): readonly WaitReason[] {
  const { active, last, landed } = ledger.record(item);
  if (active !== null) {
    const several = isAlive(active.state) && conflicts.isReadOnly(item.agentType);
    return several ? [] : [reason('singleton', singletonSentence(item, active))];
  }
  if (landed !== null && landed === last && landed.state === 'merged') {
    return [reason('status', `${item.id} has landed; clean it up to run it again`)];
  }
  if (item.status === 'planned') return [];
  if (item.status === 'unknown')
    return [reason('status', `${item.id} has no status in the ROADMAP, so it is not planned`)];
  return [reason('status', `${item.id} is ${item.status.replace('-', ' ')} in the ROADMAP, not planned`)];
}

function singletonSentence(item: Item, { state, process, startTime }: Instance): string {
  if (continuesByItself(state)) return `${item.id} already has a run that continues by itself`;
  if (!isAlive(state)) return `${item.id} already has work waiting to land`;
  const since = startTime === null ? '' : ` since ${new Date(startTime).toISOString()}`;
  const who = process === null ? '' : ` (pid ${process.pid})`;
  return `${item.id} is already running${since}${who}`;
}

function dependencyReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const { ledger, cycles } = situation;
  const reasons: WaitReason[] = [];
  if (cycles.has(item)) reasons.push(reason('cycle', `depends on itself: ${describeCycle(cycles.of(item))}`));
  const below = situation.input.settings.stack ? baseRuns(item, situation) : [];
  ledger.dependencies(item).forEach((other, index) => {
    if (other !== null && below.some(run => run === ledger.record(other).active)) return;
    if (other === null) reasons.push(reason('dependency', `${item.dependsOn[index]} is not in the ROADMAP`));
    else if (!ledger.isDone(other) && !cycles.together(item, other)) {
      reasons.push(reason('dependency', `${other.id} has not landed${whyNot(other, ledger, cycles)}`));
    }
  });
  return reasons;
}

/** What is to be said of an item although it holds nothing up. */
export function warningReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const { input, ledger } = situation;
  const base = input.settings.stack && ledger.record(item).active === null ? stackBase(item, situation) : null;
  const begins = base === null ? [] : [reason('dependency', stackSentence(base))];
  return [
    ...begins,
    ...ownershipWarnings(item, input.ownership, input.settings).map(text => reason('ownership', text)),
  ];
}

function stackSentence({ key, branchName }: Instance): string {
  return `starts from ${branchName}, the branch of ${key}, which has not landed; it lands after it`;
}

/** Instances that run or wait to land and hold what it would touch, in the order in which they were requested. */
function heldReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const found = new Set<ScopeHolder>();
  const more = isHeld(item, situation, holder => found.add(holder).size > namedHolders);
  const reasons = [...found]
    .sort((a, b) => a.order - b.order)
    .slice(0, namedHolders)
    .map(({ instance }) => conflictReason(item, instance, `${instance.key} ${whatItDoes(instance)}`));
  const code = item.scope.kind === 'unknown' ? 'unknown-scope' : 'overlap';
  // Runs side by side of one item are said once.
  const distinct = reasons.filter(({ detail }, at) => reasons.findIndex(one => one.detail === detail) === at);
  return more ? [...distinct, reason(code, 'and for more runs than these')] : distinct;
}

function ownershipReasons(item: Item, { ownership, settings }: PlanInput): readonly WaitReason[] {
  return ownershipObstacles(item, ownership, settings).map(text => reason('ownership', text));
}

function whyNot(item: Item, ledger: Ledger, cycles: Situation['cycles']): string {
  const { last, active } = ledger.record(item);
  if (cycles.has(item)) return '; it depends on itself';
  if (active !== null)
    return active.state === 'conflict' || active.state === 'checks-failed' ? ` (${active.state})` : '';
  if (last?.takenBack !== undefined) return '; its landing was reverted';
  if (last !== null && unhappy[last.state] !== undefined) return `; its last run ${unhappy[last.state]}`;
  return item.status === 'planned' ? '' : ` and is not planned (${item.status.replace('-', ' ')})`;
}

/** How a run ended that the loop does not repeat by itself. A run that was interrupted is repeated, up to the limit. */
const unhappy: Readonly<Partial<Record<Instance['state'], string>>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  interrupted: 'was interrupted',
  'no-work': 'ended without a commit',
  asks: 'asks something',
  'needs-attention': 'needs attention',
  rejected: 'was rejected',
};

function attemptReasons(item: Item, ledger: Ledger, limit: number): readonly WaitReason[] {
  const { last, attempts, landed } = ledger.record(item);
  if (last === null) return [];
  if (landed === last) return [reason('attempts', `${item.id} has already landed; only you can run it again`)];
  if (last.takenBack !== undefined) return [reason('attempts', `its landing was reverted; only you can run it again`)];
  const ended = unhappy[last.state];
  if (ended === undefined) return [];
  const why = last.reason === null ? '' : `: ${withoutFullStop(last.reason)}`;
  // What only a limit of its service stopped is tried again as what was interrupted is.
  if (last.state !== 'interrupted' && !(last.state === 'failed' && last.limited === true))
    return [reason('attempts', `its last run ${ended}${why}; retry it when you are ready`)];
  if (attempts < limit) return [];
  return [reason('attempts', `its last run ${ended}${why}, and all ${limit} attempts are used up; retry it yourself`)];
}

function whatItDoes({ state }: Instance): string {
  if (isAlive(state)) return 'runs';
  if (continuesByItself(state)) return 'continues by itself soon';
  return state === 'needs-attention' ? 'needs attention' : 'waits to land';
}

function diskSentence({ settings, resources }: PlanInput): string | null {
  if (settings.minFreeDisk <= 0) return null;
  if (resources.freeDiskBytes === null) {
    return resources.source === 'none' ? null : 'free disk space is unknown';
  }
  if (resources.freeDiskBytes >= settings.minFreeDisk) return null;
  return `${gibibytes(resources.freeDiskBytes)} of disk space free, ${gibibytes(settings.minFreeDisk)} needed`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
