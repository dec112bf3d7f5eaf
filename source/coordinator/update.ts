import { initialResources, nextResources, underLimits } from '../domain/capacity.ts';
import { isAlive } from '../domain/instance.ts';
import { noOwnership } from '../domain/ownership/ownership.ts';
import type { Settings } from '../domain/settings.ts';
import type { CoordinatorEvent } from '../ports/events.ts';
import { effectFailed } from './effect-failed.ts';
import { cameHome, cancelAnswered, dispatchAnswered } from './fleet/answers.ts';
import { fleetObserved } from './fleet/observed.ts';
import { reportHeard } from './fleet/reports.ts';
import { fold, initialDurableState } from './fold/fold.ts';
import { carryOutKept, refuseKept, take } from './kept-commands.ts';
import { batchPrepared } from './landing/batch/batch.ts';
import { stopUnwanted } from './landing/checks.ts';
import { exported } from './landing/export.ts';
import { landingAnswered, statusAnswered } from './landing/landing.ts';
import { predictionAnswered, predictWaiting } from './landing/prediction.ts';
import * as queue from './landing/queue.ts';
import { replayAnswered } from './landing/replay.ts';
import { speculate, speculationPrepared } from './landing/speculation.ts';
import { targetMoved } from './landing/target.ts';
import { undoAnswered } from './landing/undo.ts';
import { observed } from './recovery/apply-observation.ts';
import { commentsAnswered, pullRequestAnswered, pullRequestRead } from './remote/pull-requests.ts';
import { pushAnswered, upstreamRead } from './remote/upstream.ts';
import { readingAnswered } from './review/reading-answers.ts';
import { readFinished } from './review/readings.ts';
import { breakWhenFailing } from './runs/circuit-breaker.ts';
import { radarRead } from './runs/early-findings.ts';
import { holdForLosses, outsideReported } from './runs/escape.ts';
import * as lifecycle from './runs/lifecycle.ts';
import * as ending from './runs/limits.ts';
import { removalAnswered } from './runs/removal.ts';
import { pauseForJournal } from './runs/settings-change.ts';
import { maySpawn, replan, spawnReady } from './runs/spawning.ts';
import { goOn } from './runs/waiting.ts';
import { dropOldScopes, scopesWritten } from './scopes.ts';
import { followStacks } from './stack/follow.ts';
import { leftCommitted } from './starting/commit-left.ts';
import { archiveRivals } from './starting/race.ts';
import type { Effect } from './state/effects.ts';
import type { Message, Outcome } from './state/messages.ts';
import { sanitizeReason } from './state/sentences.ts';
import type { DurableState, State } from './state/state.ts';
import { heard, saidAnswered } from './talking/conversation.ts';
import { Transition } from './transition.ts';

/** An agent started less than this ago has not shown its load yet: the capacity does not rise meanwhile. */
const settlingMs = 3000;

/** A state in which nothing has been observed yet, over what the journal knows. */
export function initialState(
  settings: Settings,
  durable: DurableState = initialDurableState,
  role: State['role'] = 'owner',
  oneShot = false,
): State {
  return {
    ...durable,
    role,
    settings,
    repository: null,
    targetTip: null,
    roadmap: { path: null, items: [], problems: [] },
    ownership: noOwnership,
    ownershipProblems: [],
    resources: initialResources,
    plan: { ready: [], at: 0 },
    inFlight: {},
    nextEffectId: 1,
    watched: [],
    statusTried: [],
    undoTried: [],
    sourcesRead: false,
    reconciled: false,
    ready: false,
    kept: [],
    startProblem: null,
    ...(oneShot ? { oneShot: true } : {}),
  };
}

/**
 * The functional core: everything that the coordinator decides. Pure; the same messages always give the same states and effects.
 * Facts it states come back as `record` effects already folded into the state it returns. What follows from messages that have come
 * together is derived once, from all of them.
 */
export function updateAll(
  state: State,
  messages: readonly Message[],
): { readonly state: State; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  let after = state;
  messages.forEach((message, index) => {
    const transition = new Transition(after, message.at, message.entropy);
    apply(transition, message);
    if (index === messages.length - 1) derive(transition, state);
    effects.push(...transition.effects);
    after = transition.state;
  });
  return { state: after, effects };
}

function apply(transition: Transition, message: Message): void {
  switch (message.type) {
    case 'fact':
      return transition.record(message.event);
    case 'command':
      return take(transition, message.command, message.requestId);
    case 'start-failed':
      return refuseKept(transition, sanitizeReason(message.message));
    case 'outcome':
      if (transition.finish(message.effectId)) outcome(transition, message.outcome);
      return;
    case 'radar-read':
      return radarRead(transition, message);
    case 'journal-changed':
      return pauseForJournal(transition, message.count);
    case 'check-running': {
      const { runId, number, process, up } = message;
      return transition.record({ type: 'check-running', runId, number, process, up });
    }
    case 'reading-running': {
      const { runId, purpose, number, process, up } = message;
      return transition.record({ type: 'reading-running', runId, purpose, number, process, up });
    }
    case 'process-ended':
      transition.change({ watched: transition.state.watched.filter(runId => runId !== message.runId) });
      // Whoever watched the last part of a run that was resumed since reports the end of that part.
      if (transition.instance(message.runId)?.process == null) return;
      return lifecycle.processEnded(transition, message.runId, message.status);
    case 'outside-seen':
      return outsideReported(transition, message.runId, message.report);
    case 'repository-read':
      return transition.change({ repository: message.facts });
    case 'observed':
      return observed(transition, message.observation);
    case 'pr-read':
      return pullRequestRead(transition, message.runId, message.pr);
    case 'upstream-read':
      return upstreamRead(transition, message.upstream);
    case 'target-moved':
      return targetMoved(transition, message.tip);
    case 'scopes-written':
      return scopesWritten(transition, message.priorityIds, message.result);
    case 'sources-read':
      transition.change({
        roadmap: message.sources.roadmap,
        ownership: message.sources.ownership,
        ownershipProblems: message.sources.ownershipProblems,
        sourcesRead: true,
        statusTried: [],
      });
      return dropOldScopes(transition);
    case 'machine-read':
      return transition.change({
        resources: nextResources(transition.state.resources, message.reading, transition.state.settings, {
          justStarted: transition.state.instances.filter(
            i => isAlive(i.state) && transition.at - i.requestedAt < settlingMs,
          ).length,
        }),
      });
    case 'settings-changed': {
      const resources = underLimits(transition.state.resources, message.settings);
      return transition.change({ settings: message.settings, resources });
    }
    case 'session':
      if (transition.instance(message.runId)?.sessionId === message.sessionId) return;
      return transition.record({ type: 'session-known', runId: message.runId, sessionId: message.sessionId });
    case 'reported':
      return ending.resultReported(transition, message);
    case 'asked':
    case 'answered':
    case 'said':
    case 'refused':
      return heard(transition, message);
    case 'usage':
      return ending.usageReported(transition, message.runId, message.usage);
    case 'limit-reached':
      return ending.limitReached(transition, message);
    case 'silent':
      return transition.change({ silent: message.runIds });
    case 'cooldown':
      return ending.rateLimited(transition, message);
    case 'fleet-report':
      return reportHeard(transition, message.report);
    case 'fleet-observed':
      return fleetObserved(transition, message.seen, message.asOf);
    case 'tick':
      return;
  }
}

/** After every message: the plan follows its inputs, the work loop spawns, the queue takes its next step. */
function derive(transition: Transition, before: State): void {
  const ready =
    transition.state.ready ||
    (transition.state.repository !== null &&
      transition.state.sourcesRead &&
      transition.state.target !== null &&
      transition.state.reconciled);
  if (ready !== transition.state.ready) {
    transition.change({ ready });
    carryOutKept(transition);
  }
  if (transition.state.role === 'reader') return replan(transition, before);
  breakWhenFailing(transition, before);
  archiveRivals(transition);
  goOn(transition);
  readFinished(transition);
  let planned = before;
  if (maySpawn(transition)) {
    replan(transition, before);
    planned = transition.state;
    spawnReady(transition);
  }
  followStacks(transition, before);
  queue.advanceQueue(transition);
  speculate(transition);
  stopUnwanted(transition, before);
  replan(transition, planned);
}

function outcome(transition: Transition, result: Outcome): void {
  switch (result.type) {
    case 'worktree':
      return lifecycle.worktreeAnswered(transition, result.runId, result.result);
    case 'setup':
      return lifecycle.setupAnswered(transition, result);
    case 'started':
      transition.change({ watched: [...transition.state.watched.filter(id => id !== result.runId), result.runId] });
      return lifecycle.processStarted(transition, result.runId, result.process, result.sessionId, result.up);
    case 'judged':
      // What it is held for counts when it is judged; whose doing the rest looks like shows only then.
      if (result.outside !== undefined) holdForLosses(transition, result.runId, result.outside);
      lifecycle.branchJudged(transition, result.runId, result.facts, result.result);
      if (result.outside !== undefined) outsideReported(transition, result.runId, result.outside);
      lifecycle.straysSeen(transition, result.runId, result.strays === undefined ? [] : result.strays);
      return predictWaiting(transition, false);
    case 'predicted':
      return predictionAnswered(transition, result.runId, result.head, result.result);
    case 'prepared':
      return queue.preparationAnswered(transition, result.runId, result.head, result.result);
    case 'checked':
      return queue.checksAnswered(transition, result.runId, result.result);
    case 'read':
      return readingAnswered(transition, result.runId, result.purpose, result.number, result.result);
    case 'batch-prepared':
      return batchPrepared(transition, result.runId, result);
    case 'speculated':
      return speculationPrepared(transition, result.runId, result.head, result.onto, result.result);
    case 'landed':
      return landingAnswered(transition, result.runId, result.result);
    case 'undone':
      return undoAnswered(transition, result.runId, result.result);
    case 'replayed':
      return replayAnswered(transition, result.runId, result.result);
    case 'exported':
      return exported(transition, result.runId, result.branchName, result.result);
    case 'pr-answered':
      return pullRequestAnswered(transition, result);
    case 'commented':
      return commentsAnswered(transition, result.runId, result.comments);
    case 'pushed':
      return pushAnswered(transition, result);
    case 'status-written':
      return statusAnswered(transition, result.runId, result.ok);
    case 'left-committed':
      return leftCommitted(transition, result.runId, result.result);
    case 'cleaned':
    case 'discarded':
    case 'restored':
      return removalAnswered(transition, result);
    case 'said':
      return saidAnswered(transition, result.runId, result.problem);
    case 'kill-finished':
      lifecycle.killFinished(transition, result.runId, result.survivors);
      return lifecycle.straysSeen(transition, result.runId, result.strays === undefined ? [] : result.strays);
    case 'dispatched':
      return dispatchAnswered(transition, result.runId, result.problem);
    case 'fleet-cancelled':
      return cancelAnswered(transition, result.runId, result.epoch, result.result);
    case 'came-home':
      return cameHome(transition, result.runId, result.epoch, result);
    case 'failed':
      return effectFailed(transition, result);
  }
}

/** The durable state after these facts: what a restart knows before it has looked at the world. */
export function replay(events: Iterable<CoordinatorEvent>, from: DurableState = initialDurableState): DurableState {
  let state = from;
  for (const event of events) state = fold(state, event);
  return state;
}
