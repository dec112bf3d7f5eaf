import { hasLanded, type Instance, isAlive } from '../../domain/instance.ts';
import type { Observation } from '../state/messages.ts';
import { leftoverText } from '../state/sentences.ts';
import type { State } from '../state/state.ts';
import type { ReconcileAction } from './actions.ts';
import { findStrangers, worktreeAction } from './reconcile-worktrees.ts';

/** Notices that a person has not seen yet. */
export function news(state: State, observation: Observation, looked: readonly Instance[]): readonly ReconcileAction[] {
  const left = looked.filter(({ runId, state: now }) => (observation.leftovers?.[runId] ?? 0) > 0 && !isAlive(now));
  const leftovers = left.map(instance => leftoverAction(state, instance, observation.leftovers?.[instance.runId] ?? 0));
  const worktrees = looked
    .filter(instance => !hasLanded(instance.state))
    .map(instance => worktreeAction(instance, observation.git))
    .filter(action => action?.type === 'tell');
  const reported = new Set(state.notices.map(notice => `${notice.runId} ${notice.text}`));
  return [...leftovers, ...worktrees, ...findStrangers(state, observation)].filter(
    ({ type, runId, text }) => type === 'end-leftovers' || !reported.has(`${runId} ${text}`),
  );
}

function leftoverAction({ settings }: State, { runId, key }: Instance, count: number) {
  const text = leftoverText(key, count);
  if (settings.leftovers === 'end') return { type: 'end-leftovers', runId, text: `${text}; stopping them` } as const;
  return { type: 'tell', runId, text: `${text}; stop them with "cm-tui cancel ${key}"` } as const;
}
