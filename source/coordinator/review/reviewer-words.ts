import type { Instance } from '../../domain/instance.ts';
import { countOf } from '../../domain/text/count.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';

/** What is said of it beside the state of its run; null: nothing. */
export function reviewerWords(instance: Instance): string | null {
  const last = instance.readings?.review;
  if (last === undefined || last.head !== instance.head) return null;
  const who = sanitizeLine(last.agent, 60);
  if (!last.ended) return `${who} reviews it`;
  if (last.outcome === 'done') return last.found ? `${who}: ${countOf(last.found, 'finding')}` : `${who}: no findings`;
  return last.outcome === 'failed' ? `the review by ${who} failed` : null;
}
