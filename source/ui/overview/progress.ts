import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { noUsage, withLiveUsage } from '../../domain/usage.ts';
import type { LogLine } from '../../ports/logs.ts';
import { type Line, span } from '../presentation/line.ts';
import { bar } from '../presentation/meters.ts';
import { coarseDuration } from '../presentation/time.ts';
import { usageFacts } from '../presentation/usage.ts';

/** How far a run is, as far as its agent says. */
export interface RunProgress {
  /** What it does now; empty: not known. */
  readonly step: string;
  /** Steps of its plan that are done, and all of them; null: it gives no plan. */
  readonly plan: { readonly done: number; readonly total: number } | null;
  /** `12m`. */
  readonly elapsed: string;
  /** `no output for 4m`, once it has printed nothing for so long; empty: it prints, or waits for an answer. */
  readonly quiet: string;
  /** Cost or, where that is not known, tokens; empty: neither. */
  readonly spent: string;
}

const planMark = /^\[([x> ])\] (.*)$/;

/** The plan that an agent gave last, from the end of its log: `[x] done`, `[>] in progress`, `[ ] open`. */
export function planOf(tail: readonly LogLine[]): {
  readonly plan: RunProgress['plan'];
  readonly current: string | null;
} {
  const end = tail.findLastIndex(entry => entry.kind === 'plan');
  if (end < 0) return { plan: null, current: null };
  let start = end;
  while (start > 0 && tail[start - 1]?.kind === 'plan') start--;
  const marks = tail.slice(start, end + 1).flatMap(entry => {
    const [, mark, words] = planMark.exec(entry.text) ?? [];
    return mark === undefined || words === undefined ? [] : [{ mark, words }];
  });
  if (marks.length === 0) return { plan: null, current: null };
  const done = marks.filter(({ mark }) => mark === 'x').length;
  return { plan: { done, total: marks.length }, current: marks.find(({ mark }) => mark === '>')?.words ?? null };
}

/** How far a run at work is; null: it is not at work. */
export function progressOf(
  instance: Instance,
  handle: Pick<CoordinatorHandle, 'logs' | 'signals'>,
  now: number,
): RunProgress | null {
  if (!isAlive(instance.state) || instance.startTime === null) return null;
  const signals = handle.signals?.()[instance.runId] ?? null;
  const live = signals?.plan;
  const { plan, current } =
    live === undefined
      ? planOf(handle.logs.tail(instance.runId))
      : { plan: { done: live.done, total: live.total }, current: live.current };
  const facts = usageFacts(withLiveUsage(instance, signals?.usage ?? null).usage ?? noUsage);
  const ms = now - instance.startTime;
  return {
    step: sanitizeLine(signals?.activity ?? current ?? '', 200),
    plan,
    quiet: quietWords(instance, signals?.lastOutput ?? null, now),
    elapsed: ms < 60_000 ? '<1m' : coarseDuration(ms),
    spent: facts[0] ?? '',
  };
}

/** Silence that is worth a word, in milliseconds: a model thinks, and a service that does not answer is tried again, for minutes. */
const quietMs = 4 * 60_000;

function quietWords({ state, startTime, asks, remote }: Instance, lastOutput: number | null, now: number): string {
  if (state !== 'running' || remote !== undefined || (asks?.open.length ?? 0) > 0) return '';
  const silent = now - Math.max(startTime ?? now, lastOutput ?? 0);
  return silent < quietMs ? '' : `no output for ${coarseDuration(silent)}`;
}

let last: { readonly signature: string; readonly map: ReadonlyMap<RunId, RunProgress> } | null = null;

/** The progress of all runs at work; the same map while nothing that it shows has changed, so that the list is not drawn again. */
export function allProgress(
  instances: readonly Instance[],
  handle: Pick<CoordinatorHandle, 'logs' | 'signals'>,
  now: number,
): ReadonlyMap<RunId, RunProgress> {
  const found = instances.flatMap(one => {
    const progress = progressOf(one, handle, now);
    return progress === null ? [] : [[one.runId, progress] as const];
  });
  const signature = JSON.stringify(found);
  if (last?.signature !== signature) last = { signature, map: new Map(found) };
  return last.map;
}

/** Columns from which each part is shown. */
const withElapsed = 20;
const withPlan = 30;
const withBar = 56;

/** The right end of a row at work: `2/3 ▕██▌▏ 12m $0.42`, as much of it as a cell of `width` columns has room for. */
export function progressCell({ plan, elapsed, spent }: RunProgress, width: number): Line {
  if (width < withElapsed) return [];
  const steps = plan === null || width < withPlan ? '' : ` ${plan.done}/${plan.total}`;
  const drawn = plan === null || width < withBar ? '' : ` ${planBar(plan, 6)}`;
  const cost = spent === '' || width < withPlan ? '' : ` ${spent}`;
  return [span(steps + drawn, 'running'), span(` ${elapsed}${cost}`, 'dim')];
}

/** The plan as a line of a pane: `plan 2/3 ▕██████   ▏`; null: it gives no plan. */
export function planLine({ plan }: RunProgress, width: number): Line | null {
  if (plan === null) return null;
  return [
    span('plan ', 'dim'),
    span(`${plan.done}/${plan.total} ${planBar(plan, Math.max(6, Math.min(30, width - 16)))}`, 'running'),
  ];
}

function planBar({ done, total }: { readonly done: number; readonly total: number }, width: number): string {
  return bar((done / Math.max(1, total)) * 100, width);
}
