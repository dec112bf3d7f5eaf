import type { Instance } from '../instance.ts';
import type { Item } from '../item.ts';
import type { Ledger } from '../plan/ledger.ts';
import type { PlanInput } from '../plan/types.ts';
import { runCount } from '../race/agents.ts';
import { runsBelow } from './standing.ts';

/** What decides whether an item may begin on a branch that has not landed. */
interface Known {
  readonly input: Pick<PlanInput, 'elsewhere' | 'instances'>;
  readonly ledger: Pick<Ledger, 'dependencies' | 'isDone' | 'record'>;
}

/**
 * The run on whose branch an item can begin before what it depends on has landed: it holds all that the item still waits for, and is finished
 * but for its landing. Null: there is none. A branch has one base, so that of several runs side by side none can be it.
 */
export function stackBase(item: Item, { input, ledger }: Known): Instance | null {
  if (item.dependsOn.length === 0 || item.reverts !== undefined || runCount(item) > 1) return null;
  // What it begins from is in this repository alone.
  if (input.elsewhere?.local === false) return null;
  const open: Instance[] = [];
  for (const other of ledger.dependencies(item)) {
    if (other !== null && ledger.isDone(other)) continue;
    const active = other === null ? null : ledger.record(other).active;
    if (other === null || active === null || (other.target ?? null) !== (item.target ?? null)) return null;
    open.push(active);
  }
  const holdsAll = (run: Instance) => {
    const below = runsBelow(run, input.instances);
    return open.every(other => other === run || below.includes(other));
  };
  return open.find(run => isFinished(run) && holdsAll(run)) ?? null;
}

/** The runs whose work is in the branch that the item would begin from; none where it begins from the target. */
export function baseRuns(item: Item, known: Known): readonly Instance[] {
  const base = stackBase(item, known);
  return base === null ? [] : [base, ...runsBelow(base, known.input.instances)];
}

/** Its commits are here, nothing stands against them, and no other run may land in its place. */
function isFinished({ state, head, race, remote, removed }: Instance): boolean {
  if (head === null || race !== undefined || remote !== undefined || removed !== undefined) return false;
  return state === 'awaiting-approval' || state === 'queued' || state === 'checking';
}
