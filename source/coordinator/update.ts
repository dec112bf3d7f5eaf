import { initialResources, nextResources } from '../domain/capacity.ts';
import { isAlive } from '../domain/instance.ts';
import { noOwnership } from '../domain/ownership/ownership.ts';
import type { Settings } from '../domain/settings.ts';
import { command } from './commands.ts';
import { fold, initialDurableState } from './fold/fold.ts';
import { stopUnwanted } from './landing/checks.ts';
import { exported } from './landing/export.ts';
import { landingAnswered, statusAnswered } from './landing/landing.ts';
import { predictionAnswered, predictWaiting } from './landing/prediction.ts';
import * as queue from './landing/queue.ts';
import { pauseQueue, stop } from './landing/queue-stop.ts';
import { speculate, speculationPrepared } from './landing/speculation.ts';
import { targetIsAt } from './landing/target.ts';
import { undoAnswered, undoFailed } from './landing/undo.ts';
import { observed } from './recovery/apply-observation.ts';
import { breakWhenFailing } from './runs/circuit-breaker.ts';
import { outsideReported } from './runs/escape.ts';
import * as lifecycle from './runs/lifecycle.ts';
import * as ending from './runs/limits.ts';
import { replan, spawnReady } from './runs/spawning.ts';
import type { Effect } from './state/effects.ts';
import type { CoordinatorEvent } from './state/events.ts';
import type { Message, Outcome } from './state/messages.ts';
import { harmless } from './state/sentences.ts';
import type { DurableState, State } from './state/state.ts';
import { Turn } from './transition.ts';

/** An agent started less than this ago has not shown its load yet: the capacity does not rise meanwhile. */
const settlingMs = 3000;

/** A state in which nothing has been observed yet, over what the journal knows. */
export function initialState(
  settings: Settings,
  durable: DurableState = initialDurableState,
  role: State['role'] = 'owner',
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
    plan: { ready: [], waiting: [], groups: [], problems: [] },
    inFlight: {},
    nextEffectId: 1,
    watched: [],
    statusTried: [],
    undoTried: [],
    sourcesRead: false,
    reconciled: false,
    ready: false,
  };
}

/**
 * The functional core: everything that the coordinator decides. Pure; the same messages always give the same states and effects.
 * Facts it states come back as `record` effects already folded into the state it returns.
 */
export function update(state: State, message: Message): { readonly state: State; readonly effects: readonly Effect[] } {
  const turn = new Turn(state, message.at, message.entropy);
  hear(turn, message);
  settle(turn, state);
  return { state: turn.state, effects: turn.effects };
}

function hear(turn: Turn, message: Message): void {
  switch (message.type) {
    case 'fact':
      return turn.record(message.event);
    case 'command': {
      const answer = command(turn, message.command);
      return turn.emit({ type: 'answer', requestId: message.requestId, answer });
    }
    case 'outcome':
      if (turn.finish(message.effectId)) outcome(turn, message.outcome);
      return;
    case 'radar-read':
      return turn.change({ radar: message.radar });
    case 'check-running': {
      const { runId, number, process, up } = message;
      return turn.record({ type: 'check-running', runId, number, process, up });
    }
    case 'process-ended':
      turn.change({ watched: turn.state.watched.filter(runId => runId !== message.runId) });
      // Who watched the last part of a run that was told to go on since, tells of the end of that one.
      if (turn.instance(message.runId)?.process == null) return;
      return lifecycle.processEnded(turn, message.runId, message.status);
    case 'repository-read':
      return turn.change({ repository: message.facts });
    case 'observed':
      return observed(turn, message.observation);
    case 'target-moved':
      return targetMoved(turn, message.tip);
    case 'sources-read':
      return turn.change({
        roadmap: message.sources.roadmap,
        ownership: message.sources.ownership,
        ownershipProblems: message.sources.ownershipProblems,
        sourcesRead: true,
        statusTried: [],
      });
    case 'machine-read':
      return turn.change({
        resources: nextResources(turn.state.resources, message.reading, turn.state.settings, {
          justStarted: turn.state.instances.filter(i => isAlive(i.state) && turn.at - i.requestedAt < settlingMs)
            .length,
        }),
      });
    case 'session':
      if (turn.instance(message.runId)?.sessionId === message.sessionId) return;
      return turn.record({ type: 'session-known', runId: message.runId, sessionId: message.sessionId });
    case 'reported':
      return ending.resultReported(turn, message);
    case 'usage':
      return ending.usageReported(turn, message.runId, message.usage);
    case 'limit-reached':
      return ending.limitReached(turn, message);
    case 'cooldown':
      return ending.rateLimited(turn, message);
    case 'tick':
      return;
  }
}

/** After every message: the plan follows its inputs, the work loop spawns, the queue takes its next step. */
function settle(turn: Turn, before: State): void {
  const ready =
    turn.state.ready ||
    (turn.state.repository !== null && turn.state.sourcesRead && turn.state.target !== null && turn.state.reconciled);
  if (ready !== turn.state.ready) turn.change({ ready });
  replan(turn, before);
  if (turn.state.role === 'reader') return;
  breakWhenFailing(turn, before);
  const planned = turn.state;
  if (spawnReady(turn)) replan(turn, planned);
  advanceUntilBusy(turn);
  speculate(turn);
  stopUnwanted(turn, before);
}

/** A queue step that ends at once (nothing to do in git) leaves room for the next. */
function advanceUntilBusy(turn: Turn): void {
  const before = turn.state;
  queue.advanceQueue(turn);
  if (turn.state !== before) replan(turn, before);
}

function outcome(turn: Turn, result: Outcome): void {
  switch (result.type) {
    case 'worktree':
      return lifecycle.worktreeAnswered(turn, result.runId, result.result);
    case 'setup':
      return lifecycle.setupAnswered(turn, result.runId, result.ok, result.message);
    case 'started':
      turn.change({ watched: [...turn.state.watched.filter(id => id !== result.runId), result.runId] });
      return lifecycle.processStarted(turn, result.runId, result.process, result.sessionId, result.up);
    case 'judged':
      lifecycle.branchJudged(turn, result.runId, result.facts, result.result);
      if (result.outside !== undefined) outsideReported(turn, result.runId, result.outside);
      return predictWaiting(turn, false);
    case 'predicted':
      return predictionAnswered(turn, result.runId, result.head, result.result);
    case 'prepared':
      return queue.preparationAnswered(turn, result.runId, result.head, result.result);
    case 'checked':
      return queue.checksAnswered(turn, result.runId, result.result);
    case 'speculated':
      return speculationPrepared(turn, result.runId, result.head, result.onto, result.result);
    case 'landed':
      return landingAnswered(turn, result.runId, result.result);
    case 'undone':
      return undoAnswered(turn, result.runId, result.result);
    case 'exported':
      return exported(turn, result.runId, result.branchName, result.result);
    case 'status-written':
      return statusAnswered(turn, result.runId, result.ok);
    case 'cleaned': {
      const instance = turn.instance(result.runId);
      if (instance === undefined) return;
      const { runId, priorityId } = instance;
      if (result.result.outcome === 'removed') {
        return turn.record({ type: 'instance-cleaned', runId, priorityId, rescued: result.result.rescued });
      }
      const reasons = result.result.reasons.map(harmless);
      return turn.record({ type: 'cleanup-stopped', runId, priorityId, reasons });
    }
    case 'kill-finished':
      return lifecycle.killFinished(turn, result.runId, result.survivors);
    case 'failed':
      return effectFailed(turn, result);
  }
}

/** An effect that could not be performed: what it was for stops with the sentence, nothing is concluded from it. */
function effectFailed(turn: Turn, { runId, kind, message }: Extract<Outcome, { readonly type: 'failed' }>): void {
  const instance = turn.instance(runId);
  if (instance === undefined) return;
  const { priorityId, state } = instance;
  switch (kind) {
    case 'git.createWorktree':
    case 'worktree.setup':
      return lifecycle.makingFailed(turn, instance, message);
    case 'process.start':
      return lifecycle.startFailed(turn, instance, message);
    case 'git.prepare':
    case 'checks.run':
    case 'git.land':
      if (state === 'queued' || state === 'checking' || state === 'landing') stop(turn, instance, 'blocked', message);
      return;
    case 'git.undo':
      return undoFailed(turn, instance, message);
    case 'git.export':
      return exported(turn, runId, '', { outcome: 'failed', message });
    case 'git.clean':
      return turn.record({ type: 'cleanup-stopped', runId, priorityId, reasons: [harmless(message)] });
    case 'git.predict':
      if (instance.head !== null) {
        // Whatever was predicted before was for another target: it is tried again with the next look.
        predictionAnswered(turn, runId, instance.head, { outcome: 'unknown', message });
      }
      return turn.notice('error', `${instance.key}: ${message}`, runId);
    case 'speculate.prepare':
    case 'speculate.check':
      // Nobody was waiting for it yet; its turn will tell.
      if (state === 'checking') stop(turn, instance, 'blocked', message);
      else if (state === 'queued') turn.record({ type: 'speculation-dropped', runId });
      return;
    case 'git.judge':
      return lifecycle.judgementFailed(turn, instance, message);
    case 'git.writeStatus':
    case 'process.kill':
      return turn.notice('error', `${instance.key}: ${message}`, runId);
  }
}

function targetMoved(turn: Turn, tip: string | null): void {
  targetIsAt(turn, tip);
  if (tip === null) pauseQueue(turn, `the target branch ${turn.state.target} does not exist any more`);
}

/** The durable state after these facts: what a restart knows before it has looked at the world. */
export function replay(events: Iterable<CoordinatorEvent>, from: DurableState = initialDurableState): DurableState {
  let state = from;
  for (const event of events) state = fold(state, event);
  return state;
}
