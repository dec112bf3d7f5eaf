import { continuesByItself, hasLanded, type Instance, isAlive } from '../../domain/instance.ts';
import { describeRun } from '../../domain/state-labels.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { hasNoMachine } from '../fleet/room.ts';
import { queueWait } from '../landing/queue-order.ts';
import { waitForPullRequest } from '../remote/wait-for-pull-request.ts';
import { isReadingGoingOn } from '../review/due-review.ts';
import { planDetails } from './planning.ts';
import type { State } from './state.ts';

/** Waiting for these alone ends by itself, so it is not idleness while something is planned. */
const passing = new Set(['capacity', 'cooldown']);

/** Nothing runs, is being landed, or is ready; nothing but a person can change that (docs/contract.md, `--exit-when-idle`). */
export function isIdle(state: State): boolean {
  if (!state.ready || Object.keys(state.inFlight).length > 0) return false;
  if (state.instances.some(instance => isAlive(instance.state) || instance.state === 'completed')) return false;
  if (state.instances.some(instance => hasItsTurn(state, instance))) return false;
  if (state.paused) return true;
  if (isReadingGoingOn(state, state.plan.at)) return false;
  if (state.instances.some(instance => continuesByItself(instance.state))) return false;
  if (state.mode === 'manual') return true;
  if (state.plan.ready.length > 0) return false;
  if (hasNoMachine(state)) return true;
  const { waiting } = planDetails(state);
  return !waiting().some(({ reasons }) => reasons.length > 0 && reasons.every(({ code }) => passing.has(code)));
}

/** It is being landed, or will be by itself. */
function hasItsTurn(state: State, instance: Instance): boolean {
  if (instance.state === 'landing') return true;
  if (state.queuePaused !== null) return false;
  if (instance.state === 'checking') return true;
  return instance.state === 'queued' && queueWait(state, instance) === null;
}

/** The exit code of a run that came to rest: 0 all landed, 1 something failed or waits. */
export function exitStatus(state: State): 0 | 1 {
  return unfinished(state).length > 0 ? 1 : 0;
}

/**
 * Why there was nothing to do, where a source was read and holds no item at all: that must not look like a ROADMAP in which everything has
 * landed. Null: there was something, or there is no source.
 */
export function nothingToRead({ roadmap, instances, adHoc }: State): string | null {
  if (roadmap.items.length > 0 || instances.length > 0 || adHoc.length > 0) return null;
  return roadmap.problems.find(({ code }) => ['empty', 'file', 'source'].includes(code))?.message ?? null;
}

/** What has not landed when all has come to rest, one sentence for each. */
export function unfinished(state: State): readonly string[] {
  const latest = new Map(state.instances.map(instance => [instance.priorityId, instance]));
  const unfinished = [...latest.values()].filter(
    instance => !hasLanded(instance.state) && instance.state !== 'rejected',
  );
  const reported = new Set(unfinished.map(instance => instance.priorityId));
  // What the ROADMAP does not plan waits for nobody.
  const { ready, waiting } = planDetails(state);
  const planned = waiting().filter(
    // What is not of the group that runs alone waits for nobody either.
    ({ reasons }) => reasons.some(({ code }) => code !== 'status') && !reasons.some(({ code }) => code === 'group'),
  );
  const pending = state.instances.filter(instance => state.pendingStatus.includes(instance.runId));
  return [
    ...unfinished.map(instance => `${onForge(instance) ?? describeRun(instance)}.`),
    ...planned
      .filter(({ id }) => !reported.has(id))
      .map(
        ({ id, reasons }) => `${id} waits${because(reasons.map(({ detail }) => withoutFullStop(detail)).join('; '))}.`,
      ),
    ...ready.map(id => `${id} is ready.`),
    ...pending.map(
      ({ key }) =>
        `${key} has landed, but its ROADMAP status is not updated: you have uncommitted changes there, or the line has changed.`,
    ),
  ];
}

/** Approved, and for somebody to merge on the forge. */
function onForge(instance: Instance): string | null {
  const wait = instance.state === 'queued' ? waitForPullRequest(instance) : null;
  return wait === null ? null : `${instance.key}: ${wait}`;
}

function because(reason: string | null): string {
  return reason === null || reason === '' ? '' : `: ${withoutFullStop(reason)}`;
}

/** Looks without an answer until git is taken not to answer any more: they are half a minute apart at most, and each asks several times. */
const silentLooks = 2;

/** Does git give no answer any more? */
export function gitIsSilent({ gitSilent = 0 }: Pick<State, 'gitSilent'>): boolean {
  return gitSilent >= silentLooks;
}
