import type { RunId } from '../../../domain/ids.ts';
import type { LogLine } from '../../../ports/logs.ts';
import { type Fresh, freshOf } from './tail-file.ts';

/** One run whose lines are shown among those of others. */
export interface Voice {
  readonly runId: RunId;
  /** Prefix of each of its lines, sanitised. */
  readonly label: string;
  readonly tail: () => readonly LogLine[];
}

/**
 * The live ends of many runs in order of time, each line prefixed with the name of its run. Lines that came in together are sorted;
 * lines already shown keep their order. Runs that start later are followed from then on.
 */
export function interleave(voices: () => readonly Voice[]): Fresh {
  const known = new Map<RunId, { readonly fresh: Fresh; time: number }>();
  return () => {
    const all: { readonly time: number; readonly line: LogLine }[] = [];
    for (const { runId, label, tail } of voices()) {
      const voice = known.get(runId) ?? { fresh: freshOf(tail), time: 0 };
      known.set(runId, voice);
      for (const line of voice.fresh()) {
        // A line without a time takes the time of the one before it.
        voice.time = line.time ?? voice.time;
        all.push({ time: voice.time, line: { ...line, label: `${label} │ ` } });
      }
    }
    return all.sort((a, b) => a.time - b.time).map(({ line }) => line);
  };
}
