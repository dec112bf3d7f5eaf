import type { EventOf } from '../../ports/events.ts';
import type { DurableState } from '../state/state.ts';

/** An agent rests, for a limit or for a trouble of its service: the state after that, and the sentence about it. */
export function cooled(
  state: DurableState,
  { agent, until, cause }: EventOf<'cooldown-started'>,
): { readonly next: DurableState; readonly text: string } {
  const { [agent]: _, ...others } = state.troubled ?? {};
  const troubled = cause === undefined ? others : { ...others, [agent]: true as const };
  const what = cause === undefined ? 'is rate limited' : 'cannot reach its service';
  return {
    next: { ...state, cooldowns: { ...state.cooldowns, [agent]: until }, troubled },
    text: `${agent} ${what}; no new runs with it until ${new Date(until).toISOString()}`,
  };
}
