import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import type { EarlyFindings } from '../../domain/queue/gate.ts';
import { describeViolations, describeWarnings, somePaths } from './sentences.ts';
import type { RadarPair, State } from './state.ts';

type Known = Pick<State, 'instances' | 'radar' | 'target'>;

/** What would meet a run's work if both landed now: one sentence for each, foreign paths escaped. */
export function touchesOf(state: Known, runId: RunId): readonly string[] {
  return (state.radar ?? []).flatMap(pair => {
    if (pair.a !== runId && pair.b !== runId) return [];
    const other = otherOf(state, pair, runId);
    return other === null ? [] : [sentence(pair, other)];
  });
}

/** What the gate would say of a run at work if it ended now; empty where it has ended, or nobody has looked. */
export function earlyFindings({ instances, early }: Pick<State, 'instances' | 'early'>, runId: RunId): EarlyFindings {
  const found = early?.[runId];
  const isAtWork = instances.some(one => one.runId === runId && isAlive(one.state));
  return found !== undefined && isAtWork ? found : nothingFound;
}

const nothingFound: EarlyFindings = { violations: [], warnings: [] };

/** The same as sentences that can be shown. */
export function earlySentences(state: Pick<State, 'instances' | 'early'>, runId: RunId): readonly string[] {
  const { violations, warnings } = earlyFindings(state, runId);
  const warning = describeWarnings(warnings);
  return [
    ...(violations.length === 0 ? [] : [`will block its landing: ${describeViolations(violations)}`]),
    ...(warning === null ? [] : [warning]),
  ];
}

function otherOf({ instances, target }: Known, { a, b }: RadarPair, runId: RunId): string | null {
  const other = a === runId ? b : a;
  return other === null ? (target ?? 'the target') : (instances.find(one => one.runId === other)?.key ?? null);
}

function sentence({ b, paths }: RadarPair, other: string): string {
  if (paths === null) return `cannot be compared with ${other}`;
  return b === null
    ? `conflicts with the current ${other}: ${somePaths(paths)}`
    : `touches the same lines as ${other}: ${somePaths(paths)}`;
}

/** The conflicts of `status --json`: the key of a piece of work, that of the other or the target's name, and the paths. */
export function radarView({ instances, radar = [], target }: Known) {
  const keyOf = (runId: RunId | null): string | undefined =>
    runId === null ? (target ?? undefined) : instances.find((one: Instance) => one.runId === runId)?.key;
  return radar.flatMap(({ a, b, paths }) => {
    const [one, other] = [keyOf(a), keyOf(b)];
    return one === undefined || other === undefined || paths === null ? [] : [{ a: one, b: other, paths }];
  });
}
