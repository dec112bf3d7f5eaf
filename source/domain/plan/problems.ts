import type { PlanDetails } from '../plan-types.ts';
import { describeCycle } from './cycles.ts';
import type { Situation } from './situation.ts';

/** What a person should put right in the ROADMAP: what reading it found, then cycles and duplicates that it did not. */
export function planProblems({ input, ledger, cycles }: Situation): ReturnType<PlanDetails['problems']> {
  const known = new Set(input.problems.map(({ code, line }) => `${code} ${line}`));
  const rings = cycles.rings.flatMap(ring => {
    const line = ring[0]?.line ?? 0;
    const message = `${describeCycle(ring)}: these items depend on each other, so none of them can run`;
    return known.has(`cycle ${line}`) ? [] : [{ code: 'cycle', line, message }];
  });
  const duplicates = ledger.items
    .filter(({ duplicate, line }) => duplicate && !known.has(`duplicate ${line}`))
    .map(({ id, key, line }) => ({
      code: 'duplicate',
      line,
      message: `${key} is in the ROADMAP more than once; name it by line: ${id}`,
    }));
  return [...input.problems, ...rings, ...duplicates];
}
