import type { Oid, RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { listens } from '../../domain/permission/listening.ts';
import { chooseAgent } from '../../domain/plan/agent-choice.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { troubleOf } from '../../domain/trouble/trouble.ts';
import { allItems } from '../state/planning.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';
import { neverContinues, resume } from './resume.ts';
import type { RunVerdict } from './verdict.ts';

/** The first pause after a trouble that passes, and the longest. */
const firstPauseMs = 15_000;
const longestPauseMs = 15 * 60_000;
/** Pauses in a row that bring nothing; after that a person has to look. */
const triesLimit = 20;
/** So often a session whose program was ended by something unknown continues without a new commit; after that it starts over. */
const brokenLimit = 3;

/** A verdict of `waiting`, and what the run waits for. */
export interface Waiting {
  readonly state: 'waiting';
  readonly reason: string;
  readonly waits: NonNullable<Instance['waits']>;
}

/**
 * Waiting is not failing: a run that ended for a limit of its service, or for a trouble that passes, keeps its place, and continues in its
 * session when the limit is over or after a pause that grows. Null: its end was something else, or another agent takes the item now.
 */
export function waitInstead(
  transition: Transition,
  instance: Instance,
  { state, reason }: RunVerdict,
  head: Oid | null,
): Waiting | null {
  const isOver = instance.state === 'completed' || instance.state === 'stopping';
  // Git at work on a revert, and work of another machine, have no service that could be in trouble, and no session to continue here.
  const continues = instance.reverts === undefined && instance.remote === undefined;
  if (!isOver || instance.base === null || !continues) return null;
  if (state === 'interrupted') return continueBroken(transition, instance, reason, head);
  if (state !== 'failed') return null;
  const kind = instance.limited === true ? 'limit' : troubleOf(reason ?? '');
  if (kind !== 'limit' && kind !== 'passing') return null;
  const tries = instance.waits?.head === head ? instance.waits.tries + 1 : 1;
  const { at } = transition;
  const known = transition.state.cooldowns[instance.agent] ?? 0;
  if (tries > triesLimit && (kind === 'passing' || known <= at)) return null;
  // The end that it named was over before git had been asked: it may continue at once, and if it is limited again, after short pauses.
  const isOverAlready = kind === 'limit' && instance.limited === true && known > 0 && known <= at;
  const pause = () => pauseAfter(transition, instance.runId, isOverAlready ? 'passing' : kind, tries);
  const until = kind === 'limit' && known > at ? known : isOverAlready && tries === 1 ? at : at + pause();
  if (until > Math.max(known, at)) cool(transition, instance, kind, until);
  if (hasSubstitute(transition, instance)) return null;
  const why = kind === 'limit' ? `${sanitizeReason(instance.agent)} is rate limited` : 'a trouble that passes';
  const words = reason === null ? '' : `: ${withoutFullStop(reason)}`;
  const time = new Date(until).toISOString();
  return {
    state: 'waiting',
    reason: `waits until ${time}, then continues by itself (try ${tries}); ${why}${words}`,
    waits: { until, tries, head },
  };
}

/**
 * An agent over the Agent Client Protocol has a session that outlives its host: when the host or the agent was killed, the work loop continues
 * in that session, in place, instead of a new attempt. Null: it has none, nobody asked for a loop, or that was tried often enough.
 */
function continueBroken(
  transition: Transition,
  instance: Instance,
  reason: string | null,
  head: Oid | null,
): Waiting | null {
  const { at, state: now } = transition;
  const hasSession = instance.sessionId !== null && listens(now.settings, instance.agent);
  if (!hasSession || head === null || now.mode !== 'auto') return null;
  const tries = instance.waits?.head === head ? instance.waits.tries + 1 : 1;
  if (tries > brokenLimit) return null;
  const words = reason === null ? '' : `; ${withoutFullStop(reason)}`;
  return {
    state: 'waiting',
    reason: `continues in its session in a moment (try ${tries})${words}`,
    waits: { until: at, tries, head },
  };
}

/** Twice as long each time, and not for all runs at the same moment. Milliseconds. */
export function pauseAfter(transition: Transition, runId: RunId, kind: 'limit' | 'passing', tries: number): number {
  const first = kind === 'limit' ? 4 * firstPauseMs : firstPauseMs;
  const whole = Math.min(longestPauseMs, first * 2 ** (tries - 1));
  return Math.round(whole * (1 - 0.3 * transition.chance(`${runId} ${tries}`)));
}

/** Nothing else is started into the same trouble meanwhile. `beside`: it was not the run's own agent that met it. */
export function cool(
  transition: Transition,
  { agent, runId }: Pick<Instance, 'agent' | 'runId'>,
  kind: 'limit' | 'passing',
  until: number,
  beside = false,
): void {
  transition.record({
    type: 'cooldown-started',
    agent,
    until,
    runId,
    ...(kind === 'passing' ? { cause: 'trouble' as const } : {}),
    ...(beside ? { beside: true as const } : {}),
  });
}

/** Another agent may do the item now: a fresh attempt with it is sooner than waiting. */
function hasSubstitute({ state, at }: Transition, { priorityId, agent, race }: Instance): boolean {
  if (race !== undefined || state.mode !== 'auto' || state.paused) return false;
  const item = allItems(state).find(one => one.id === priorityId);
  if (item === undefined) return false;
  const choice = chooseAgent(item, state.settings, state.cooldowns, at);
  return choice.restsUntil === null && choice.agent !== agent;
}

/** Resumes what has waited long enough. A run that cannot continue yet, since the machine is full for example, is looked at again. */
export function goOn(transition: Transition): void {
  const { ready, paused, oneShot } = transition.state;
  if (!ready || paused || oneShot === true) return;
  for (const { runId } of transition.state.instances) {
    const instance = transition.instance(runId);
    if (instance?.state !== 'waiting' || (instance.waits?.until ?? 0) > transition.at) continue;
    const never = neverContinues(transition, instance);
    if (never !== null) {
      giveUpWaiting(transition, instance, never);
      continue;
    }
    const message =
      'Your last run was cut short, by a limit or a failure of the service, or because it was ended from outside. Continue from there and finish the work. Commit everything that belongs to the item, and leave the tree clean.';
    resume(transition, instance, message, { type: 'resume', id: runId, message });
  }
}

/** Its item is done, or is none any more, while it waited: a person decides what becomes of what it has. */
function giveUpWaiting(
  transition: Transition,
  { runId, priorityId, head, commits, files, merge }: Instance,
  never: string,
): void {
  const reason = sanitizeReason(`does not continue by itself: ${never}`);
  const { violations } = merge;
  transition.record({
    type: 'instance-judged',
    runId,
    priorityId,
    state: 'needs-attention',
    reason,
    head,
    commits,
    files,
    violations,
  });
}
