import type { RunId } from '../../../domain/ids.ts';
import type { LogLine } from '../../../ports/logs.ts';
import { type Fresh, freshOf } from './tail-file.ts';

/** One run whose lines are shown among those of others. */
export interface Voice {
  readonly runId: RunId;
  /** Stands before each of its lines, sanitised. */
  readonly label: string;
  readonly tail: () => readonly LogLine[];
}

/**
 * The live ends of many runs in the order of time, each line with the name of its run before it. Lines that came in together are sorted;
 * what has been told is not told again in another order. Runs that join later are followed from then on.
 */
export function interleave(voices: () => readonly Voice[]): Fresh {
  const known = new Map<RunId, { readonly fresh: Fresh; time: number }>();
  return () => {
    const all: { readonly time: number; readonly line: LogLine }[] = [];
    for (const { runId, label, tail } of voices()) {
      const voice = known.get(runId) ?? { fresh: freshOf(tail), time: 0 };
      known.set(runId, voice);
      for (const line of voice.fresh()) {
        // A line without a time stands where the one before it does.
        voice.time = line.time ?? voice.time;
        all.push({ time: voice.time, line: { ...line, text: `${label} │ ${line.text}` } });
      }
    }
    return all.sort((a, b) => a.time - b.time).map(({ line }) => line);
  };
}
