import type { Instance } from '../../domain/instance.ts';
import type { Transition } from '../transition.ts';

/** A run was given up since nothing was heard of its machine, and nothing of it has come here. */
export function isGivenUp({ lost, remote }: Instance): boolean {
  return lost === 'unreachable' && remote?.home !== true;
}

/**
 * Nothing was heard of its machine for as long as the settings wait. The item is begun again by itself, but only so often: a run that takes
 * its machines down must not take down all of them.
 */
export function giveUp(transition: Transition, { runId, priorityId, remote, head, commits, files }: Instance): void {
  const { settings } = transition.state;
  const exited = { type: 'instance-exited', runId, priorityId, exitCode: null, endTime: transition.at } as const;
  transition.record({ ...exited, lost: 'unreachable' });
  const lost = transition.state.instances.filter(one => one.priorityId === priorityId && one.lost === 'unreachable');
  const where = remote?.worker ?? 'its machine';
  const words = `nothing was heard of ${where} for ${settings.fleet.lostAfter} seconds`;
  const work = { head, commits, files, violations: [] };
  const tooOften = lost.length > settings.fleet.retryLost;
  const now = transition.instance(runId);
  const state = now?.state === 'stopping' ? 'cancelled' : tooOften ? 'needs-attention' : 'interrupted';
  const reason = tooOften
    ? `${words}; its item has lost ${lost.length} runs that way, so only you can begin it again`
    : `${words}; what it comes back with is kept`;
  transition.record({ type: 'instance-judged', runId, priorityId, state, reason, ...work });
}
