import { continuesByItself, type Instance, isAlive } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import type { WaitReason } from '../../domain/plan-types.ts';
import { isContested, rivalAhead, rivalsOf } from '../../domain/race/race.ts';
import { standsOn } from '../../domain/stack/standing.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { numbered } from '../runs/ad-hoc.ts';
import { askAboutCapacity, obstaclesToSpawn, replaceRuns, requestRuns, unsettledRuns } from '../runs/spawning.ts';
import { askToStack } from '../stack/base.ts';
import { done, refused } from '../state/answers.ts';
import { allItems } from '../state/planning.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { startRace } from './race.ts';

/**
 * Starts a run of `item`, or says why not; where only the capacity is in the way, it asks. It takes the place of `replaced`, and of an
 * earlier run that a person was to look at: two branches of one item must not both land. `replaces`: where that is one of several runs side by
 * side, and none of them is approved, the new run stands beside the others.
 */
export function spawn(
  transition: Transition,
  item: Item,
  wanted: Extract<Command, { readonly overCapacity?: boolean }>,
  agent: string | undefined,
  replaced: readonly Instance[] = [],
  replaces?: Instance,
): CommandAnswer {
  if (agent === undefined && item.agents !== undefined) return startRace(transition, item, item.agents, wanted);
  const { instances } = transition.state;
  const joins = replaces !== undefined && rivalAhead(instances, replaces) === null && isContested(instances, replaces);
  const rivals = joins ? rivalsOf(instances, replaces) : [];
  const given = [...replaced, ...unsettledRuns(transition.state, item.id).filter(run => !rivals.includes(run))];
  const ids = given.map(instance => instance.runId);
  const beside = rivals.map(instance => instance.runId);
  const { agents: _, ...alone } = item;
  const { overCapacity } = wanted;
  const stack = mayStack(transition.state, item, wanted);
  const terms = { replaced: ids, beside, overCapacity };
  const reasons = obstaclesToSpawn(transition.state, alone, transition.at, { ...terms, stack });
  if (reasons.length > 0) {
    const alive = transition.state.instances.find(run => run.priorityId === item.id && isAlive(run.state));
    if (alive !== undefined && !joins) return refused(alreadyRunning(alive));
    const ask = askAboutCapacity(transition.state, reasons, wanted);
    const isStackable = () =>
      obstaclesToSpawn(transition.state, alone, transition.at, { ...terms, stack: true }).length === 0;
    return {
      ...refused(cannotSpawn(item, reasons)),
      ...(wanted.type === 'spawn' && ask.ask === undefined && isStackable()
        ? askToStack(transition.state, alone, transition.at, wanted)
        : ask),
    };
  }
  replaceRuns(transition, given);
  const runIds = requestRuns(transition, item, [agent], joins ? replaces.race : undefined);
  const [instance] = runIds.flatMap(runId => transition.instance(runId) ?? []);
  return done(`Spawned ${item.key} in ${instance?.worktreePath} on ${instance?.branchName}.`, runIds);
}

/** A run that is repeated begins again where the one before it did, as long as what it needs has not landed. */
function mayStack({ instances }: State, item: Item, wanted: Command): boolean | undefined {
  if (wanted.type === 'spawn' && wanted.stack !== undefined) return wanted.stack;
  const last = instances.findLast(run => run.priorityId === item.id);
  return wanted.type === 'retry' && last !== undefined && standsOn(last) !== null ? true : undefined;
}

function cannotSpawn(item: Item, reasons: readonly WaitReason[]): string {
  return `Cannot spawn ${item.key} now: ${reasons.map(reason => withoutFullStop(reason.detail)).join('; ')}.`;
}

/** The singleton rule: a second run of an item names the first by pid and start (docs/contract.md). */
function alreadyRunning(instance: Instance): string {
  const pid = instance.process === null ? 'it is being prepared' : `pid ${instance.process.pid}`;
  const since = new Date(instance.startTime ?? instance.requestedAt).toISOString();
  return `${instance.key} is already running (${pid}, since ${since}). Cancel it first with "cm-tui cancel ${instance.key}".`;
}

export function runAdHoc(
  transition: Transition,
  { item, agent, overCapacity = false }: Extract<Command, { readonly type: 'run' }>,
): CommandAnswer {
  const added = numbered(transition.state, item);
  if ('problem' in added) return refused(added.problem);
  const { id, key } = added;
  transition.record({ type: 'item-added', item: added });
  // It has been added, so that confirming spawns it and does not add it again.
  const command: Command = { type: 'spawn', id, overCapacity, ...(agent === undefined ? {} : { agent }) };
  const answer = spawn(transition, added, command, agent);
  return answer.ok ? answer : { ...answer, ok: true, message: `Added ${key}. ${answer.message}` };
}

/** The exit code of a shell that does not find a command. */
const notFound = 127;

/**
 * The agent of the next attempt: that of the run, or undefined for the one that item and settings name now. A run that did not find its
 * agent is not started with it again, unless it stands in a race.
 */
export function agentOfRetry({ agent, exitCode, race }: Instance): string | undefined {
  return exitCode === notFound && race === undefined ? undefined : agent;
}

export function retryRun(
  transition: Transition,
  instance: Instance,
  wanted: Extract<Command, { readonly type: 'retry' }>,
): CommandAnswer {
  if (isAlive(instance.state)) return refused(alreadyRunning(instance));
  const { state, runId, priorityId, key } = instance;
  if (state === 'blocked' && instance.merge.approvedHead !== null) {
    transition.record({
      type: 'landing-stopped',
      runId,
      priorityId,
      state: 'queued',
      reason: 'tried again',
      paths: [],
    });
    return done(`Retrying ${key}.`, [runId]);
  }
  if (state === 'checks-failed' && instance.head !== null) {
    transition.record({
      type: 'merge-approved',
      runId,
      priorityId,
      head: instance.head,
      by: 'user',
      accepted: instance.merge.accepted,
    });
    return done(`Rebuilding and checking ${key}.`, [runId]);
  }
  const item = allItems(transition.state).find(candidate => candidate.id === priorityId);
  if (item === undefined) return refused(`${key} is no longer in the ROADMAP. Nothing started.`);
  const waits = state === 'conflict' || state === 'blocked' || state === 'checks-failed' || continuesByItself(state);
  return spawn(transition, item, wanted, agentOfRetry(instance), waits ? [instance] : [], instance);
}
