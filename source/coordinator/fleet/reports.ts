import type { Instance } from '../../domain/instance.ts';
import type { FleetReport, Said } from '../../ports/fleet/fleet.ts';
import { rateLimited, resultReported, usageReported } from '../runs/limits.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';
import { refusedThere } from './answers.ts';
import { isGivenUp } from './lost.ts';
import { bringHome, cancelThere } from './offer.ts';

type Ended = Extract<Said, { readonly what: 'ended' }>;

/** Paths of a worker that are kept of what it left uncommitted. */
const dirtyLimit = 50;

/**
 * A worker's word about a run. It may come twice, late, or before what it follows, and counts only from the worker that holds the run's
 * present dispatch, under the key that a person has accepted.
 */
export function reportHeard(transition: Transition, report: FleetReport): void {
  const { runId, epoch, worker, said } = report;
  if (transition.state.fleet?.accepted[worker] !== report.key) return distrusted(transition, report);
  const instance = transition.instance(runId);
  const { remote } = instance ?? {};
  if (instance === undefined || remote === undefined) return;
  const isCurrent = epoch === remote.epoch && (remote.worker === null || remote.worker === worker);
  const isOpen = isCurrent && instance.endTime === null && canStillEnd(instance);
  if (said.what === 'usage') return isCurrent ? usage(transition, instance, said) : undefined;
  if (!isOpen) return said.what === 'ended' ? cameLate(transition, instance, report, said) : undefined;
  if (said.what === 'refused') return refusedThere(transition, instance, worker, said.why);
  placeWith(transition, instance, worker);
  heardAgain(transition, instance, worker);
  opened(transition, instance, worker, said);
}

/** It is at work as far as is known. */
function canStillEnd({ state }: Instance): boolean {
  return state === 'preparing' || state === 'running' || state === 'stopping';
}

/** Whatever it says, the run is with this worker. */
export function placeWith(transition: Transition, { runId, remote, state }: Instance, worker: string): void {
  if (remote === undefined || remote.worker !== null) return;
  transition.record({ type: 'instance-placed', runId, epoch: remote.epoch, worker });
  const now = transition.instance(runId);
  if (state === 'stopping' && now !== undefined) cancelThere(transition, now);
}

function heardAgain(transition: Transition, { runId, remote }: Instance, worker: string): void {
  if (remote?.noContact === true) transition.record({ type: 'contact-back', runId, worker });
}

function opened(transition: Transition, instance: Instance, worker: string, said: Said): void {
  const { runId, priorityId, agent } = instance;
  switch (said.what) {
    case 'claimed':
    case 'refused':
    case 'usage':
      return;
    case 'started':
      if (instance.remote?.process !== null) return;
      return transition.record({
        type: 'instance-started',
        runId,
        priorityId,
        process: {
          pid: said.process.pid,
          startTime: sanitizeReason(said.process.startTime),
          bootId: sanitizeReason(said.process.bootId),
        },
        host: worker,
      });
    case 'session':
      if (instance.sessionId === said.sessionId) return;
      return transition.record({ type: 'session-known', runId, sessionId: sanitizeReason(said.sessionId) });
    case 'result':
      return resultReported(transition, {
        type: 'reported',
        runId,
        ok: said.ok,
        message: said.message,
        ...(said.asks === true ? { asks: true as const } : {}),
        up: 0,
        at: transition.at,
        entropy: '',
      });
    case 'cooldown': {
      const about = { type: 'cooldown', agent, until: said.until, runId, at: transition.at, entropy: '' } as const;
      return rateLimited(transition, about);
    }
    case 'ended':
      return ended(transition, instance, said);
  }
}

function ended(transition: Transition, { runId, priorityId }: Instance, said: Ended): void {
  if (said.limit !== null) {
    const reason = sanitizeReason(said.limit);
    transition.record({ type: 'end-requested', runId, cause: 'time', reason });
  }
  transition.record({
    type: 'instance-exited',
    runId,
    priorityId,
    exitCode: said.exitCode,
    endTime: transition.at,
    lost: said.lost,
    there: {
      head: said.head,
      dirty: said.dirty.slice(0, dirtyLimit).map(sanitizeReason),
      operation: said.operation === null ? null : sanitizeReason(said.operation),
    },
  });
  bringHome(transition, runId);
}

function usage(transition: Transition, instance: Instance, said: Extract<Said, { readonly what: 'usage' }>): void {
  if (instance.usage === undefined) usageReported(transition, instance.runId, said.usage);
}

/** It comes back after it was given up: nothing of it is lost, and nothing else changes. */
function cameLate(transition: Transition, instance: Instance, { epoch, worker }: FleetReport, { head }: Ended): void {
  const { runId, key, remote, slug } = instance;
  const isKnown = remote?.late?.epoch === epoch && remote.late.worker === worker;
  const isItself = remote?.ended !== undefined && remote.epoch === epoch && remote.worker === worker;
  if (isKnown || isItself) return;
  if (head === null) {
    transition.emit({ type: 'fleet.forget', runId, epoch, worker });
    return;
  }
  transition.record({ type: 'late-result', runId, epoch, worker, head });
  const where = isGivenUp(instance) ? 'after it had been given up' : 'after another machine had taken it';
  transition.notice('info', `${key} came back from ${worker} ${where}; see refs/cm/late/${slug}/${epoch}`, runId);
  bringHome(transition, runId, true);
}

/** Whoever can write into the engine can write this; a person hears of it once. */
function distrusted(transition: Transition, { worker }: FleetReport): void {
  const text = sanitizeReason(
    `dropped a report of "${worker}", whose key nobody has accepted; see "cm-tui fleet" for those that wait`,
  );
  if (!transition.state.notices.some(one => one.text === text)) transition.notice('warning', text);
}
