import { baseSlug, fullSlugOf, slugOf } from '../../domain/roadmap/slug.ts';
import { allItems } from '../state/planning.ts';
import type { State } from '../state/state.ts';

type Known = Pick<State, 'roadmap' | 'adHoc' | 'instances'>;

/**
 * The slug of an item's next run. An ad-hoc item never takes the name of an item of the ROADMAP, nor the other way round: whichever comes
 * second has the letters of its key in its slug (`task-1` beside `001` of US-001).
 */
export function runSlug(
  state: Known,
  { id, key }: { readonly id: string; readonly key: string },
  attempt: number,
): string {
  const taken = (slug: string) => state.instances.some(one => one.slug === slug);
  return sharesName(state, id, key) ? fullSlugOf(key, attempt, taken) : slugOf(key, attempt, taken);
}

function sharesName(state: Known, id: string, key: string): boolean {
  const base = baseSlug(key);
  const isTyped = (other: string) => state.adHoc.some(one => one.id === other);
  const typed = isTyped(id);
  const used = state.instances.some(
    ({ slug, priorityId }) =>
      priorityId !== id && isTyped(priorityId) !== typed && (slug === base || slug.startsWith(`${base}-`)),
  );
  return used || (typed && allItems(state).some(one => !isTyped(one.id) && baseSlug(one.key) === base));
}
