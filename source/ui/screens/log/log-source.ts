import { allItems } from '../../../coordinator/state/planning.ts';
import { buildCheckRunId } from '../../../domain/checks.ts';
import type { Instance } from '../../../domain/instance.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { LogFile } from '../../../ports/logs.ts';
import type { LayerHost } from '../../layer.ts';
import { fitText } from '../../presentation/text.ts';
import { interleave, type Voice } from './interleave.ts';
import { openLazily } from './lazy-file.ts';
import { LiveFile, TailFile } from './tail-file.ts';

/** What is read: the readable end of the log, one of the complete raw streams, or the output of the branch's checks. */
const kinds = ['readable', 'out', 'err', 'checks'] as const;
export type SourceKind = (typeof kinds)[number];

export const kindNames: Readonly<Record<SourceKind, string>> = {
  readable: 'readable',
  out: 'raw output',
  err: 'raw errors',
  checks: 'its checks',
};

/** The next of those that the run has. */
export function kindAfter(kind: SourceKind, run: Instance | null): SourceKind {
  const there = run?.merge.check === undefined ? kinds.slice(0, -1) : kinds;
  return there[(there.indexOf(kind) + 1) % there.length] ?? 'readable';
}

/** Opens a run's log; null: the readable ends of all runs combined. */
export function openSource(host: LayerHost, run: Instance | null, kind: SourceKind): LogFile {
  if (run === null) return new LiveFile(interleave(() => voices(host)));
  const { logs } = host.handle;
  const { runId, merge } = run;
  if (kind === 'checks')
    return openLazily(logs, merge.check === undefined ? runId : buildCheckRunId(merge.check), 'out');
  return kind === 'readable' ? new TailFile(() => logs.tail(runId)) : openLazily(logs, runId, kind);
}

/** Columns of a label in the combined log. */
const longestLabel = 13;

function voices({ handle }: LayerHost): readonly Voice[] {
  const runs = handle.state().instances;
  const labels = runs.map(one => sanitizeLine(one.attempt > 1 ? `${one.key}-${one.attempt}` : one.key, 16));
  // As wide as the longest key of all, so that lines stay aligned when further runs start.
  const keys = allItems(handle.state()).map(({ key }) => key.length);
  const width = Math.min(longestLabel, Math.max(6, ...keys, ...labels.map(({ length }) => length)));
  return runs.map(({ runId }, index) => ({
    runId,
    label: fitText(labels[index] ?? '', width),
    tail: () => handle.logs.tail(runId),
  }));
}
