import { type Instance, isAlive } from '../instance.ts';
import type { Item, Scope } from '../item.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { ReasonCode, WaitReason } from '../plan-types.ts';
import { isReadOnly } from '../queue/gate.ts';
import { scopesOverlap, sharedPaths } from '../scope.ts';
import type { Settings } from '../settings.ts';
import { withoutFullStop } from '../text/clause.ts';
import { totalUsage } from '../usage.ts';
import { chooseAgent } from './agent-choice.ts';
import { describeCycle } from './cycles.ts';
import type { Ledger } from './ledger.ts';
import { ownershipObstacles } from './ownership-fit.ts';
import type { PlanInput } from './types.ts';

/** What the reasons of one item are read from. */
export interface Situation {
  readonly input: PlanInput;
  readonly ledger: Ledger;
  readonly cycles: ReadonlyMap<string, readonly Item[]>;
}

/** An item, or an instance: whatever has a scope and an agent type. */
type Work = { readonly scope: Scope; readonly agentType: string };

/** Reasons of the item's own that hold for a person's wish as well as for the work loop. */
export function safetyReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const { input, ledger } = situation;
  const standing = standingReasons(item, situation);
  if (standing.length > 0) return standing;
  return [
    ...dependencyReasons(item, situation),
    ...ledger.holders
      .filter(holder => ledger.itemOf(holder)?.id !== item.id)
      .flatMap(holder => {
        const code = clashCode(item, holder, input);
        return code === null ? [] : [reason(code, heldSentence(code, item, holder))];
      }),
    ...ownershipObstacles(item, input.ownership, input.settings).map(text => reason('ownership', text)),
  ];
}

/** Reasons that stop the work loop only: a person may decide otherwise by naming the item. */
export function loopReasons(item: Item, { input, ledger }: Situation): readonly WaitReason[] {
  const reasons: WaitReason[] = [];
  if (item.duplicate) {
    reasons.push(reason('duplicate', `${item.key} stands more than once in the ROADMAP; name it by line: ${item.id}`));
  }
  reasons.push(...attemptReasons(item, ledger, input.settings.attemptLimit));
  const { agent, restsUntil } = chooseAgent(item, input.settings, input.cooldowns, input.now);
  if (restsUntil !== null) {
    const end = new Date(restsUntil).toISOString();
    reasons.push(reason('cooldown', `${agent} reported a rate limit; it goes on at ${end}`));
  }
  const spent = costSentence(input);
  if (spent !== null) reasons.push(reason('cost', spent));
  if (input.paused) reasons.push(reason('paused', 'new spawns are paused'));
  return reasons;
}

/** Reasons that hold for every item alike: repository, disk, capacity. */
export function commonReasons({ input, ledger }: Situation): readonly WaitReason[] {
  const reasons = input.repositoryProblems.map(text => reason('repository', withoutFullStop(text)));
  const disk = diskSentence(input);
  if (disk !== null) reasons.push(reason('disk', disk));
  if (freeSlots(input, ledger) <= 0) reasons.push(reason('capacity', capacitySentence(input, ledger)));
  return reasons;
}

/** How many more instances may be started now; never negative. */
export function freeSlots(input: PlanInput, ledger: Ledger): number {
  return Math.max(0, Math.min(input.settings.maxParallel, input.resources.capacity) - ledger.running);
}

/** Says how full the machine is. */
export function capacitySentence({ settings, resources }: PlanInput, { running }: Ledger): string {
  const run = running === 1 ? '1 instance runs' : `${running} instances run`;
  if (resources.capacity <= 0)
    return `nothing is started while the machine is not known to bear it (${resources.explanation})`;
  if (resources.capacity >= settings.maxParallel) return `${run}, and ${settings.maxParallel} may run at once`;
  return `${run}, and the machine can bear ${resources.capacity} (${resources.explanation})`;
}

/** The code under which two pieces of work keep each other from running side by side; null where they may. */
export function clashCode(
  a: Work,
  b: Work,
  input: { readonly ownership: Ownership; readonly settings: Pick<Settings, 'unknownScope' | 'readOnlyTypes'> },
): 'overlap' | 'unknown-scope' | null {
  const { ownership, settings } = input;
  if (isReadOnly(a.agentType, ownership, settings) || isReadOnly(b.agentType, ownership, settings)) return null;
  if (a.scope.kind === 'unknown' && b.scope.kind === 'unknown') {
    return settings.unknownScope === 'serial' ? 'unknown-scope' : null;
  }
  if (a.scope.kind === 'unknown' || b.scope.kind === 'unknown') return null;
  return scopesOverlap(a.scope, b.scope) ? 'overlap' : null;
}

/** Why `item` waits for `other`, which does (or is about to do) what `verb` says. */
export function clashSentence(code: 'overlap' | 'unknown-scope', item: Work, other: Work, name: string, verb: string) {
  return code === 'overlap'
    ? `${name} ${verb} and touches ${sharedPaths(item.scope, other.scope)} too`
    : `${name} ${verb} and its scope is unknown too; such items run one at a time`;
}

export function reason(code: ReasonCode, detail: string): WaitReason {
  return { code, detail };
}

/** Status and singleton: where one of them holds, nothing else about the item matters. */
function standingReasons(item: Item, { input, ledger }: Situation): readonly WaitReason[] {
  const { active, last, landed } = ledger.record(item);
  if (active !== null) {
    const several = isAlive(active.state) && isReadOnly(item.agentType, input.ownership, input.settings);
    return several ? [] : [reason('singleton', singletonSentence(item, active))];
  }
  if (landed !== null && landed === last && landed.state === 'merged') {
    return [reason('status', `${item.id} has landed; clean it up before it can run again`)];
  }
  if (item.status === 'planned') return [];
  if (item.status === 'unknown')
    return [reason('status', `${item.id} has no status in the ROADMAP, so it is not planned`)];
  return [reason('status', `${item.id} is ${item.status.replace('-', ' ')} in the ROADMAP, not planned`)];
}

function singletonSentence(item: Item, { state, process, startTime }: Instance): string {
  if (!isAlive(state)) return `${item.id} already has work that waits to land (${state})`;
  const since = startTime === null ? '' : ` since ${new Date(startTime).toISOString()}`;
  const who = process === null ? '' : ` (pid ${process.pid})`;
  return `${item.id} already runs${since}${who}`;
}

function dependencyReasons(item: Item, { ledger, cycles }: Situation): readonly WaitReason[] {
  const cycle = cycles.get(item.id);
  const reasons = cycle === undefined ? [] : [reason('cycle', `it waits for itself: ${describeCycle(cycle)}`)];
  for (const id of item.dependsOn) {
    const other = ledger.find(id);
    if (other === null) reasons.push(reason('dependency', `${id} is not in the ROADMAP`));
    else if (!ledger.isDone(other) && cycle?.includes(other) !== true) {
      reasons.push(reason('dependency', `${other.id} has not landed${whyNot(other, ledger, cycles)}`));
    }
  }
  return reasons;
}

function whyNot(item: Item, ledger: Ledger, cycles: Situation['cycles']): string {
  const { last, active } = ledger.record(item);
  if (cycles.has(item.id)) return '; it waits for itself';
  if (active !== null)
    return active.state === 'conflict' || active.state === 'checks-failed' ? ` (${active.state})` : '';
  if (last?.takenBack !== undefined) return '; its landing was taken back';
  if (last !== null && unhappy[last.state] !== undefined) return `; its last run ${unhappy[last.state]}`;
  return item.status === 'planned' ? '' : ` and is not planned (${item.status.replace('-', ' ')})`;
}

/** How a run ended that the loop does not repeat by itself. A run that was interrupted is repeated, up to the limit. */
const unhappy: Readonly<Partial<Record<Instance['state'], string>>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  interrupted: 'was interrupted',
  'no-work': 'ended without a commit',
  'needs-attention': 'needs attention',
  rejected: 'was rejected',
};

function attemptReasons(item: Item, ledger: Ledger, limit: number): readonly WaitReason[] {
  const { last, attempts, landed } = ledger.record(item);
  if (last === null) return [];
  if (landed === last) return [reason('attempts', `${item.id} has landed once already; only you can run it again`)];
  if (last.takenBack !== undefined)
    return [reason('attempts', `its landing was taken back; only you can run it again`)];
  const ended = unhappy[last.state];
  if (ended === undefined) return [];
  const why = last.reason === null ? '' : `: ${withoutFullStop(last.reason)}`;
  // What only a limit of its service stopped is tried again as what was interrupted is.
  if (last.state !== 'interrupted' && !(last.state === 'failed' && last.limited === true))
    return [reason('attempts', `its last run ${ended}${why}; retry it when you are ready`)];
  if (attempts < limit) return [];
  return [reason('attempts', `its last run ${ended}${why}, and all ${limit} attempts are used up; retry it by hand`)];
}

function heldSentence(code: 'overlap' | 'unknown-scope', item: Item, holder: Instance): string {
  const verb = isAlive(holder.state)
    ? 'runs'
    : holder.state === 'needs-attention'
      ? 'needs attention'
      : 'waits to land';
  return clashSentence(code, item, holder, holder.key, verb);
}

function diskSentence({ settings, resources }: PlanInput): string | null {
  if (settings.minFreeDisk <= 0) return null;
  if (resources.freeDiskBytes === null) {
    return resources.band === null ? null : 'how much disk space is free is not known';
  }
  if (resources.freeDiskBytes >= settings.minFreeDisk) return null;
  return `${gibibytes(resources.freeDiskBytes)} of disk space are free, ${gibibytes(settings.minFreeDisk)} are needed`;
}

/** The cost cap holds the loop: what the runs of this start have cost. Null: it does not. */
function costSentence({ settings, instances, startedAt }: PlanInput): string | null {
  if (settings.costCapUsd === null) return null;
  const { costUsd } = totalUsage(instances, startedAt ?? 0);
  if (costUsd === null || costUsd < settings.costCapUsd) return null;
  return `the runs since the start have cost $${costUsd.toFixed(2)} of $${settings.costCapUsd.toFixed(2)} (costCapUsd)`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
