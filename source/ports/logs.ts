import type { RunId } from '../domain/ids.ts';

export type LogKind = 'text' | 'thinking' | 'tool' | 'command' | 'file' | 'plan' | 'result' | 'error' | 'system';

/** One readable line, sanitised and capped at 4096 characters: safe to hand to the terminal. */
export interface LogLine {
  /** The run it is from, before its text, where lines of several runs are shown together. */
  readonly label?: string;
  /** Milliseconds since 1970 when it was read, null for lines from before we looked. */
  readonly time: number | null;
  readonly kind: LogKind;
  readonly stream: 'out' | 'err';
  readonly text: string;
}

/** Live ends of the logs of all runs. */
export interface LogsPort {
  /** The last lines (at most 2000), oldest first. The same array until something was added. */
  tail(runId: RunId): readonly LogLine[];
  /** Time of the last byte seen of a run, null before the first. */
  lastOutput(runId: RunId): number | null;
  /** Calls back (coalesced) when any tail changed. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void;
  /** Opens a run's raw log for paging by byte offset; never reads it whole. */
  open(runId: RunId, stream: 'out' | 'err'): Promise<LogFile>;
}

export interface LogChunk {
  readonly lines: readonly { readonly offset: number; readonly line: LogLine }[];
  readonly start: number;
  readonly end: number;
}

export interface LogFile {
  size(): Promise<number>;
  /** Whole lines from `offset` on (moved to the next line start), at most `maxLines`. */
  forward(offset: number, maxLines: number): Promise<LogChunk>;
  /** Whole lines that end at or before `offset`, at most `maxLines`. */
  backward(offset: number, maxLines: number): Promise<LogChunk>;
  /** One pass from start to end, for logs of any size; missing: the lines have to be paged through. */
  search?(pattern: SearchPattern, options: SearchOptions): Promise<SearchResult>;
  close(): Promise<void>;
}

export interface SearchPattern {
  readonly text: string;
  /** `text` is a regular expression, else plain. */
  readonly regex: boolean;
  readonly ignoreCase: boolean;
}

export interface SearchOptions {
  /** Stops the search; what was found until then counts. */
  readonly signal?: AbortSignal;
  /** Called in the order of the file, with the offset a line begins at. */
  readonly onMatch: (match: { readonly offset: number; readonly text: string }) => void;
  /** Called after each block with the number of bytes searched. */
  readonly onProgress?: (bytes: number) => void;
}

export interface SearchResult {
  readonly matches: number;
  /** False when the signal stopped it. */
  readonly complete: boolean;
}
