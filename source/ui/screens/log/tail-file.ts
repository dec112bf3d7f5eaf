import type { LogChunk, LogFile, LogLine } from '../../../ports/logs.ts';

/** Lines kept while a log view is open; older ones are in the raw log only. */
const keep = 20_000;

/** What has been added since the last call, oldest first. */
export type Fresh = () => readonly LogLine[];

/** The live end of a log as a file to page through: line numbers stand for byte offsets, so that a position stays valid as lines arrive. */
export class LiveFile implements LogFile {
  private lines: LogLine[] = [];
  /** Line number of the first line kept. */
  private base = 0;

  constructor(private readonly fresh: Fresh) {}

  async size(): Promise<number> {
    this.sync();
    return this.base + this.lines.length;
  }

  async forward(offset: number, maxLines: number): Promise<LogChunk> {
    this.sync();
    const start = Math.max(this.base, offset);
    return this.chunk(start, start + maxLines);
  }

  async backward(offset: number, maxLines: number): Promise<LogChunk> {
    this.sync();
    const end = Math.min(this.base + this.lines.length, offset);
    return this.chunk(end - maxLines, end);
  }

  async close(): Promise<void> {
    this.lines = [];
  }

  private chunk(from: number, to: number): LogChunk {
    const start = Math.max(this.base, from);
    const end = Math.max(start, Math.min(this.base + this.lines.length, to));
    const lines = this.lines
      .slice(start - this.base, end - this.base)
      .map((line, index) => ({ offset: start + index, line }));
    return { lines, start, end };
  }

  private sync(): void {
    const fresh = this.fresh();
    if (fresh.length === 0) return;
    this.lines = this.lines.concat(fresh);
    const spare = this.lines.length - keep;
    if (spare > 0) {
      this.lines.splice(0, spare);
      this.base += spare;
    }
  }
}

/** The live end of one run. */
export class TailFile extends LiveFile {
  constructor(tail: () => readonly LogLine[]) {
    super(freshOf(tail));
  }
}

/** Follows a tail, which the port returns as a new array for every change: the last known line shows what is new, and a gap is reported. */
export function freshOf(tail: () => readonly LogLine[]): Fresh {
  let seen: readonly LogLine[] = [];
  return () => {
    const now = tail();
    if (now === seen) return [];
    const last = seen.at(-1);
    seen = now;
    if (last === undefined) return now;
    const known = now.lastIndexOf(last);
    if (known >= 0) return now.slice(known + 1);
    return [
      {
        time: null,
        kind: 'system',
        stream: 'out',
        text: '… lines were dropped here, see the raw log',
      },
      ...now,
    ];
  };
}
