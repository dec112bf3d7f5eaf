import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { widenedRun, withoutScopes, withScopes } from '../../domain/scope/set-scopes.ts';
import { describeState, isTried } from '../../domain/state-labels.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { canBecome } from '../../domain/transitions.ts';
import type { CoordinatorEvent, EventOf } from '../../ports/events.ts';
import { foldMembers } from '../fleet/fold-fleet.ts';
import { foldOthers, withSuspects } from '../landing/batch/fold-batch.ts';
import { readingNews } from '../review/reading-news.ts';
import type { DurableState, Notice } from '../state/state.ts';
import { withoutStaleCheck } from './fold-checks.ts';
import { cooled } from './fold-cooldown.ts';
import { type InstanceEvent, instanceAfter } from './fold-instance.ts';
import { requestedInstance } from './fold-request.ts';
import { withReverted } from './fold-undo.ts';

const noticeLimit = 200;
/** Reported changes outside the worktrees that are remembered. */
const reportedLimit = 300;

export const initialDurableState: DurableState = {
  startedAt: 0,
  mode: 'manual',
  paused: false,
  queuePaused: null,
  target: null,
  instances: [],
  adHoc: [],
  pins: [],
  pendingStatus: [],
  cleaning: [],
  cooldowns: {},
  notices: [],
};

/** The part of a state that a snapshot keeps. */
export function durablePart(state: DurableState): DurableState {
  const { startedAt, mode, paused, queuePaused, target, instances } = state;
  const { adHoc, pins, pendingStatus, cleaning, cooldowns, notices } = state;
  const queue = { pendingStatus, cleaning, cooldowns, notices };
  return {
    startedAt,
    mode,
    paused,
    queuePaused,
    target,
    instances,
    adHoc,
    pins,
    ...queue,
    ...(state.addedAt === undefined ? {} : { addedAt: state.addedAt }),
    ...(state.lastTask === undefined ? {} : { lastTask: state.lastTask }),
    ...(state.troubled === undefined ? {} : { troubled: state.troubled }),
    ...(state.outside === undefined ? {} : { outside: state.outside }),
    ...(state.sealed === undefined ? {} : { sealed: state.sealed }),
    ...(state.onlyGroup === undefined ? {} : { onlyGroup: state.onlyGroup }),
    ...(state.scopes === undefined ? {} : { scopes: state.scopes }),
    ...(state.fleet === undefined ? {} : { fleet: state.fleet }),
    ...(state.suspects === undefined ? {} : { suspects: state.suspects }),
  };
}

/** One fact applied to the durable state. Total: a fact about an unknown run changes nothing. */
export function fold(state: DurableState, event: CoordinatorEvent): DurableState {
  return withSuspects(foldFact(state, event), event);
}

function foldFact(state: DurableState, event: CoordinatorEvent): DurableState {
  switch (event.type) {
    case 'coordinator-started':
      return { ...state, mode: event.mode, target: event.target, startedAt: event.at };
    case 'coordinator-stopped':
      return state;
    case 'loop-changed':
      return { ...state, mode: event.mode };
    case 'spawns-paused':
      return { ...state, paused: event.paused };
    case 'queue-paused':
      return { ...state, queuePaused: event.paused ? (event.reason ?? 'paused by the user') : null };
    case 'item-added':
      return withItem(state, event.item, event.at);
    case 'item-removed':
      return {
        ...state,
        adHoc: state.adHoc.filter(({ id }) => id !== event.priorityId),
        pins: without(state.pins, event.priorityId),
      };
    case 'group-chosen':
      return { ...state, onlyGroup: event.group };
    case 'scopes-set':
      return {
        ...state,
        scopes: withScopes(state.scopes, event.scopes),
        instances: state.instances.map(instance => widenedRun(instance, event.scopes)),
      };
    case 'scopes-dropped':
      return { ...state, scopes: withoutScopes(state.scopes, event.priorityIds) };
    case 'item-pinned':
      return {
        ...state,
        pins: [...state.pins.filter(id => id !== event.priorityId), ...(event.pinned ? [event.priorityId] : [])],
      };
    case 'instance-requested':
      // A snapshot may know it already.
      if (state.instances.some(instance => instance.runId === event.runId)) return state;
      return { ...state, instances: [...state.instances, requestedInstance(event)] };
    case 'notice-raised':
      return withNotice(state, { at: event.at, level: event.level, text: event.text, runId: event.runId });
    case 'status-written':
      return { ...state, pendingStatus: without(state.pendingStatus, event.runId) };
    case 'cleanup-started':
      return { ...state, cleaning: [...without(state.cleaning, event.runId), event.runId] };
    case 'cleanup-stopped':
      return withNotice(
        { ...state, cleaning: without(state.cleaning, event.runId) },
        notice(state, event, 'warning', `kept: ${event.reasons.join('; ')}`),
      );
    case 'instance-cleaned':
      return changeInstance({ ...state, cleaning: without(state.cleaning, event.runId) }, event.runId, instance => ({
        ...instance,
        state: 'cleaned',
      }));
    case 'run-removed':
      return withNotice(
        applyToInstance({ ...state, cleaning: without(state.cleaning, event.runId) }, event),
        notice(state, event, 'info', event.discarded ? 'discarded' : 'cleaned up'),
      );
    case 'run-restored':
      return withNotice(applyToInstance(state, event), notice(state, event, 'info', 'restored'));
    case 'cooldown-started': {
      const { next, text } = cooled(state, event);
      return withNotice(applyToInstance(next, event), notice(state, event, 'warning', text));
    }
    case 'landed': {
      const next = event.statusWritten
        ? state
        : { ...state, pendingStatus: [...without(state.pendingStatus, event.runId), event.runId] };
      const landed = applyToInstance(next, event);
      const { reason = null } = landed.instances.find(one => one.runId === event.runId) ?? {};
      return withNotice(landed, notice(state, event, 'info', describeState('merged', reason)));
    }
    case 'outside-changed':
      return applyToInstance({ ...state, outside: keepReported(state.outside ?? {}, event.told) }, event);
    case 'settings-sealed': {
      const outside = Object.entries(state.outside ?? {}).filter(([name]) => !(name in event.sealed));
      return { ...state, sealed: { ...state.sealed, ...event.sealed }, outside: Object.fromEntries(outside) };
    }
    case 'permission-asked':
      return withNotice(applyToInstance(state, event), notice(state, event, 'warning', `asks: ${event.words}`));
    case 'undo-stopped':
      return withNotice(applyToInstance(state, event), notice(state, event, 'warning', `not undone: ${event.reason}`));
    case 'landing-undone': {
      const rest = {
        pendingStatus: without(state.pendingStatus, event.runId),
        cleaning: without(state.cleaning, event.runId),
      };
      const next = applyToInstance({ ...state, ...rest }, event);
      return withNotice(next, notice(state, event, 'info', 'reverted'));
    }
    case 'approval-voided':
      return withNotice(
        applyToInstance(state, event),
        notice(state, event, 'warning', `needs approval again: ${event.reason}`),
      );
    case 'branch-replayed':
      return withNotice(applyToInstance(state, event), notice(state, event, 'info', 'holds only its own commits now'));
    case 'replay-stopped':
      return withNotice(
        applyToInstance(state, event),
        notice(state, event, 'warning', `not replayed: ${event.reason}`),
      );
    case 'instance-failed':
      return withNotice(applyToInstance(state, event), notice(state, event, 'error', event.reason));
    case 'landing-stopped': {
      const rest = {
        pendingStatus: without(state.pendingStatus, event.runId),
        cleaning: without(state.cleaning, event.runId),
      };
      const next = applyToInstance({ ...state, ...rest }, event);
      return event.state === 'queued'
        ? next
        : withNotice(next, notice(state, event, 'warning', describeState(event.state, event.reason)));
    }
    case 'instance-judged': {
      const next = applyToInstance(state, event);
      // That it is ready for review is said once its trial merge is known.
      return event.state === 'awaiting-approval'
        ? next
        : withNotice(next, notice(state, event, 'warning', describeState(event.state, event.reason)));
    }
    case 'reading-finished': {
      const next = applyToInstance(state, event);
      const level = event.outcome === 'failed' ? 'warning' : 'info';
      return event.outcome === 'dropped' ? next : withNotice(next, notice(state, event, level, readingNews(event)));
    }
    case 'merge-predicted':
      return withNews(state, applyToInstance(state, event), event);
    case 'worker-accepted':
    case 'worker-drained':
    case 'worker-forgotten':
      return { ...state, fleet: foldMembers(state.fleet, event) };
    case 'checks-started':
    case 'landing-started':
    case 'batch-failed':
      return foldOthers(applyToInstance(state, event), event);
    default:
      return applyToInstance(state, event);
  }
}

/** An item that is known keeps its place; the highest number of all is remembered, so that a removed one is not used again. */
function withItem(before: DurableState, item: Item, at: number): DurableState {
  const state = { ...before, addedAt: { [item.id]: at, ...before.addedAt } };
  const known = state.adHoc.some(({ id }) => id === item.id);
  const adHoc = known ? state.adHoc.map(one => (one.id === item.id ? item : one)) : [...state.adHoc, item];
  const number = Number(/^TASK-(\d{1,9})$/.exec(item.id)?.[1] ?? 0);
  return number > (state.lastTask ?? 0) ? { ...state, adHoc, lastTask: number } : { ...state, adHoc };
}

function applyToInstance(state: DurableState, event: InstanceEvent): DurableState {
  const { runId } = event;
  const next = changeInstance(state, runId, instance => withoutStaleCheck(instance, obeying(instance, event)));
  const instances = withReverted(next.instances, runId);
  return instances === next.instances ? next : { ...next, instances };
}

/** A fact that would lead where the table of states has no way tells what it tells, but the run stays what it is. */
function obeying(before: Instance, event: InstanceEvent): Instance {
  const after = instanceAfter(before, event);
  return canBecome(before.state, after.state) ? after : { ...after, state: before.state, reason: before.reason };
}

function changeInstance(state: DurableState, runId: RunId, change: (instance: Instance) => Instance): DurableState {
  if (!state.instances.some(instance => instance.runId === runId)) return state;
  return {
    ...state,
    instances: state.instances.map(instance => (instance.runId === runId ? change(instance) : instance)),
  };
}

/** What a trial merge tells of a branch is said once: that it conflicts, or that it is ready for review. */
function withNews(before: DurableState, after: DurableState, event: EventOf<'merge-predicted'>): DurableState {
  const [was, is] = [before, after].map(({ instances }) => instances.find(({ runId }) => runId === event.runId));
  if (was === undefined || is === undefined) return after;
  if (is.state === 'conflict' && was.state !== 'conflict')
    return withNotice(after, notice(after, event, 'warning', describeState(is.state, is.reason)));
  if (is.state !== 'awaiting-approval' || (was.state === is.state && isTried(was))) return after;
  const unknown = event.prediction === 'unknown' ? `; the trial merge with ${is.target} failed` : '';
  return withNotice(after, notice(after, event, 'info', `${describeState(is.state, is.reason)}${unknown}`));
}

function without<T>(list: readonly T[], value: T): readonly T[] {
  return list.includes(value) ? list.filter(other => other !== value) : list;
}

/** What was the last thing said of a run is not said again. */
function withNotice(state: DurableState, added: Notice): DurableState {
  const last = state.notices.findLast(other => other.runId === added.runId);
  if (last?.text === added.text && added.runId !== null) return state;
  return { ...state, notices: [...state.notices, added].slice(-noticeLimit) };
}

function notice(
  state: DurableState,
  event: { readonly at: number; readonly runId: RunId },
  level: Notice['level'],
  text: string,
): Notice {
  const key = state.instances.find(instance => instance.runId === event.runId)?.key;
  return { at: event.at, level, text: sanitizeLine(key === undefined ? text : `${key} ${text}`), runId: event.runId };
}

/** The newest of what was reported. */
function keepReported(
  before: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries({ ...before, ...added }).slice(-reportedLimit));
}
