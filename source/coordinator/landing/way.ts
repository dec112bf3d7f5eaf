import type { Oid } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { type LandingStyle, type LandingWay, landingWayOf, styleOfWay } from '../../domain/queue/landing-style.ts';
import { allItems } from '../state/planning.ts';
import type { State } from '../state/state.ts';

type Work = Pick<State, 'roadmap' | 'adHoc' | 'settings'>;

/** How a run's branch lands: as its item says, or as the setting does. */
export function wayOf(state: Work, { priorityId }: Instance): LandingWay {
  return landingWayOf(
    state.settings,
    allItems(state).find(({ id }) => id === priorityId),
  );
}

/** The style of what is built for it. */
export function landingStyleOf(state: Work, instance: Instance): LandingStyle {
  return styleOfWay(wayOf(state, instance));
}

/** Names one try of landing an approved branch on that commit of the target, for whether it has been made. */
export function tryOf(state: Work, instance: Instance, base: Oid | null): string {
  return `${instance.merge.approvedHead} ${base} ${landingStyleOf(state, instance)}`;
}
