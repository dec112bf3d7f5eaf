import type { RunId } from '../../domain/ids.ts';
import type { LogLine, LogsPort } from '../../ports/logs.ts';

/** Lines of a log after the ones a client has, and the number to ask with the next time. */
export interface Tail {
  readonly lines: readonly LogLine[];
  readonly next: number;
}

/**
 * Numbers the lines of live logs, so that a client gets each of them once. A line is known again by its identity: the logs keep the
 * same objects for as long as they stand in the tail.
 */
export function numberedTails(logs: Pick<LogsPort, 'tail'>): (runId: RunId, after: number) => Tail {
  const numbers = new WeakMap<LogLine, number>();
  const last = new Map<RunId, number>();
  return (runId, after) => {
    const lines = logs.tail(runId);
    let next = last.get(runId) ?? 0;
    for (const line of lines) {
      if (numbers.has(line)) continue;
      next += 1;
      numbers.set(line, next);
    }
    last.set(runId, next);
    // A number from before a restart of the owner is higher than any we gave: then everything is new.
    const from = after > next ? 0 : after;
    return { lines: lines.filter(line => (numbers.get(line) ?? 0) > from), next };
  };
}
