import { type Instance, isAlive, type RunId } from '../domain/instance.ts';
import type { Priority } from '../domain/item.ts';
import type { WaitReason } from '../domain/plan-types.ts';
import { clause } from '../domain/text/clause.ts';
import { approve, approveAll, reject } from './landing/approvals.ts';
import { exportBranch } from './landing/export.ts';
import { hold, jump, requeue } from './landing/queue-order.ts';
import { resumeQueue } from './landing/queue-stop.ts';
import { lastLanding, undo } from './landing/undo.ts';
import { cancel } from './runs/lifecycle.ts';
import { repair, resume } from './runs/resume.ts';
import {
  allItems,
  findInstance,
  findItem,
  obstaclesToSpawn,
  replaceRuns,
  requestInstance,
  unsettledRuns,
} from './runs/spawning.ts';
import { done, refused } from './state/answers.ts';
import type { Command, CommandAnswer } from './state/messages.ts';
import { leftoverWords } from './state/sentences.ts';
import type { Turn } from './transition.ts';

/** Carries out what a person or script asked for, or says in one sentence why not. */
export function command(turn: Turn, wanted: Command): CommandAnswer {
  if (!turn.state.ready) return refused('cm-tui is still reading the repository; try again in a moment.');
  switch (wanted.type) {
    case 'spawn': {
      const found = findItem(turn.state, wanted.id);
      return 'problem' in found ? refused(found.problem) : spawn(turn, found.item, wanted.agent);
    }
    case 'run':
      return runAdHoc(turn, wanted.item, wanted.agent);
    case 'retry':
      return onInstance(turn, wanted.id, instance =>
        wanted.inPlace === true ? repair(turn, instance) : retry(turn, instance),
      );
    case 'resume':
      return onInstance(turn, wanted.id, instance => resume(turn, instance, wanted.message));
    case 'cancel':
      return onInstance(turn, wanted.id, instance => {
        if (!isAlive(instance.state)) return endLeftovers(turn, instance);
        cancel(turn, instance, 'cancelled by the user');
        return done(`Cancelling ${instance.key}; what it did so far stays on ${instance.branchName}.`, [
          instance.runId,
        ]);
      });
    case 'stop-all': {
      const alive = turn.state.instances.filter(instance => isAlive(instance.state));
      for (const instance of alive) cancel(turn, instance, 'stopped when cm-tui was left');
      return done(
        `Stopping ${alive.length} instances.`,
        alive.map(instance => instance.runId),
      );
    }
    case 'approve':
      return onInstance(turn, wanted.id, instance => approve(turn, instance, wanted));
    case 'approve-all':
      return approveAll(turn);
    case 'reject':
      return onInstance(turn, wanted.id, instance => reject(turn, instance, wanted.reason));
    case 'clean':
      return clean(turn, wanted.ids, wanted.confirmedLoss);
    case 'set-mode':
      if (turn.state.mode !== wanted.mode) turn.record({ type: 'loop-changed', mode: wanted.mode });
      return done(wanted.mode === 'auto' ? 'The work loop is on.' : 'The work loop is off.');
    case 'pause':
      if (turn.state.paused !== wanted.paused) turn.record({ type: 'spawns-paused', paused: wanted.paused });
      return done(wanted.paused ? 'New spawns are paused.' : 'New spawns go on.');
    case 'resume-queue':
      return resumeQueue(turn, wanted.reason);
    case 'undo':
      return wanted.id === undefined
        ? undo(turn, lastLanding(turn.state))
        : onInstance(turn, wanted.id, instance => undo(turn, instance));
    case 'export':
      return onInstance(turn, wanted.id, instance => exportBranch(turn, instance, wanted.branchName));
    case 'jump':
      return onInstance(turn, wanted.id, instance => jump(turn, instance));
    case 'hold':
      return onInstance(turn, wanted.id, instance => hold(turn, instance, wanted.held));
    case 'requeue':
      return onInstance(turn, wanted.id, instance => requeue(turn, instance, wanted.class));
    case 'pin': {
      const found = findItem(turn.state, wanted.id);
      if ('problem' in found) return refused(found.problem);
      turn.record({ type: 'item-pinned', priorityId: found.item.id, pinned: wanted.pinned });
      return done(wanted.pinned ? `${found.item.key} comes first.` : `${found.item.key} is no longer preferred.`);
    }
    case 'refresh':
      turn.emit({ type: 'sources.read' });
      turn.emit({ type: 'target.read' });
      return done('Reading the ROADMAP and the target again.');
  }
}

/**
 * Starts a run of `item`, or says why not. It takes the place of `replaced`, and of an earlier run that a person was to look at: two
 * branches of one item must not both land.
 */
function spawn(
  turn: Turn,
  item: Priority,
  agent: string | undefined,
  replaced: readonly Instance[] = [],
): CommandAnswer {
  const given = [...replaced, ...unsettledRuns(turn.state, item.id)];
  const ids = given.map(instance => instance.runId);
  const reasons = obstaclesToSpawn(turn.state, item, turn.at, ids);
  if (reasons.length > 0) {
    const alive = turn.state.instances.find(run => run.priorityId === item.id && isAlive(run.state));
    return refused(alive === undefined ? cannotSpawn(item, reasons) : alreadyRunning(alive));
  }
  replaceRuns(turn, given);
  const runId = requestInstance(turn, item, agent);
  const instance = turn.instance(runId);
  return done(`Spawned ${item.key} in ${instance?.worktreePath} on ${instance?.branchName}.`, [runId]);
}

/** A run that has ended may have left processes behind, of which a notice has told. */
function endLeftovers(turn: Turn, { runId, key, state }: Instance): CommandAnswer {
  const { notices } = turn.state;
  const told = notices.some(notice => notice.runId === runId && notice.text.startsWith(`${key} ${leftoverWords}`));
  if (!told) return refused(`${key} is not running (it is ${state}).`);
  if (!turn.busy('process.kill', runId)) turn.start({ type: 'process.kill', runId });
  return done(`${key} had ended already; what it left behind is being ended.`);
}

function cannotSpawn(item: Priority, reasons: readonly WaitReason[]): string {
  return `${item.key} cannot be spawned now: ${reasons.map(reason => clause(reason.detail)).join('; ')}.`;
}

/** The singleton rule: a second run of an item names the first by pid and start (CONTRACT §5.4). */
function alreadyRunning(instance: Instance): string {
  const pid = instance.process === null ? 'it is being prepared' : `pid ${instance.process.pid}`;
  const since = new Date(instance.startTime ?? instance.requestedAt).toISOString();
  return `${instance.key} already runs (${pid}, since ${since}); cancel it first with "cm-tui cancel ${instance.key}".`;
}

function runAdHoc(turn: Turn, item: Priority, agent: string | undefined): CommandAnswer {
  const taken = new Set(allItems(turn.state).map(other => other.key));
  let number = turn.state.adHoc.length + 1;
  while (taken.has(`TASK-${number}`)) number++;
  const key = `TASK-${number}`;
  const numbered: Priority = { ...item, id: key, key, line: 0, endLine: 0, status: 'planned', duplicate: false };
  turn.record({ type: 'item-added', item: numbered });
  const answer = spawn(turn, numbered, agent);
  return answer.ok ? answer : { ...answer, ok: true, message: `Added ${key}. ${answer.message}` };
}

function retry(turn: Turn, instance: Instance): CommandAnswer {
  if (isAlive(instance.state)) return refused(alreadyRunning(instance));
  const { state, runId, priorityId, key } = instance;
  if (state === 'blocked' && instance.merge.approvedHead !== null) {
    turn.record({ type: 'landing-stopped', runId, priorityId, state: 'queued', reason: 'tried again', paths: [] });
    return done(`${key} is tried again.`, [runId]);
  }
  if (state === 'checks-failed' && instance.head !== null) {
    turn.record({
      type: 'merge-approved',
      runId,
      priorityId,
      head: instance.head,
      by: 'user',
      accepted: instance.merge.accepted,
    });
    return done(`${key} is merged and checked again.`, [runId]);
  }
  const item = allItems(turn.state).find(candidate => candidate.id === priorityId);
  if (item === undefined) return refused(`${key} is no longer in the ROADMAP; nothing was started.`);
  const waits = state === 'conflict' || state === 'blocked' || state === 'checks-failed';
  return spawn(turn, item, instance.agent, waits ? [instance] : []);
}

function clean(
  turn: Turn,
  ids: readonly string[],
  confirmedLoss: Readonly<Record<RunId, readonly string[]>>,
): CommandAnswer {
  const landed = turn.state.instances.filter(instance => instance.state === 'merged');
  const chosen = ids.length === 0 ? landed : ids.map(id => findInstance(turn.state, id));
  const runs: RunId[] = [];
  for (const [index, instance] of chosen.entries()) {
    if (instance === undefined) return refused(`There is no instance "${ids[index]}".`);
    if (instance.state === 'cleaned') continue;
    if (instance.state !== 'merged') {
      return refused(`${instance.key} has not landed (it is ${instance.state}), so it is kept.`);
    }
    if (turn.busy('git.clean', instance.runId)) continue;
    if (instance.undoing !== undefined)
      return refused(`The landing of ${instance.key} is being taken back, so it is kept.`);
    const loss = confirmedLoss[instance.runId] ?? [];
    turn.record({ type: 'cleanup-started', runId: instance.runId, confirmedLoss: loss });
    turn.start({ type: 'git.clean', runId: instance.runId, confirmedLoss: loss });
    runs.push(instance.runId);
  }
  return runs.length === 0
    ? done('Nothing that has landed is left to clean up.')
    : done(`Cleaning up ${runs.length}.`, runs);
}

function onInstance(turn: Turn, id: string, act: (instance: Instance) => CommandAnswer): CommandAnswer {
  const instance = findInstance(turn.state, id);
  return instance === undefined ? refused(`There is no instance "${id}"; "cm-tui status" lists them.`) : act(instance);
}
