import type { Instance } from '../../domain/instance.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/** More unexpected ends than this within the window hold back new spawns. */
const endLimit = 5;
const windowMs = 5 * 60_000;

/**
 * The circuit breaker pauses new spawns when several runs in a row fail: something is wrong that the next run would run into too. It checks
 * only after another failure; whoever resumes spawns has seen the notice, and the next failure pauses them again.
 */
export function breakWhenFailing(transition: Transition, before: State): void {
  const { state, at } = transition;
  if (state.paused || state.instances === before.instances) return;
  const known = new Map(before.instances.map(instance => [instance.runId, instance]));
  const fresh = state.instances.some(instance => endedBadly(instance) && !isBad(known.get(instance.runId)));
  if (!fresh) return;
  const recent = state.instances.filter(instance => endedBadly(instance) && (instance.endTime ?? 0) > at - windowMs);
  if (recent.length <= endLimit) return;
  transition.record({ type: 'spawns-paused', paused: true });
  transition.notice(
    'error',
    `${recent.length} runs failed within five minutes, so new spawns are paused; check their logs, then resume`,
  );
}

function isBad(instance: Instance | undefined): boolean {
  return instance !== undefined && endedBadly(instance);
}

function endedBadly({ state }: Instance): boolean {
  return state === 'failed' || state === 'interrupted';
}
